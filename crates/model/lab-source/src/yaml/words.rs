//! Message, label and help of the faults the parser knows, in the operator's words.

use granit_parser::ErrorKind as K;

/// What is wrong, what is here, what to write (empty when there is nothing to add).
type Words = (&'static str, &'static str, &'static str);

/// Message, label and help of a fault. The parser's own wording is kept for what hardly anyone writes.
pub(super) fn words(kind: &K) -> (String, &'static str, &'static str) {
    if let K::MismatchedFlowCollectionEnd { open, close } = kind {
        return (
            format!("`{open}` is closed by `{close}`"),
            "here",
            "close every bracket by one of its own kind",
        );
    }
    match of_layout(kind).or_else(|| of_brackets(kind)).or_else(|| of_texts(kind)) {
        Some((message, label, help)) => (message.to_owned(), label, help),
        None => (format!("not YAML: {kind}"), "met here", ""),
    }
}

/// Columns, tabs, keys and list entries.
fn of_layout(kind: &K) -> Option<Words> {
    Some(match kind {
        K::TabInBlockIndentation
        | K::TabInIndentation
        | K::TabNotAllowed
        | K::TabInPlainScalar
        | K::TabAtBlockScalarStart => {
            ("a tab is used where YAML allows only blanks", "indented with a tab", "indent with two blanks")
        }
        K::MappingValueNotAllowed | K::InvalidColonPlacement => (
            "a colon stands where no key can be",
            "this colon",
            "quote a value that has `: ` in it; or the line is indented further than the key above it",
        ),
        K::SimpleKeyExpected | K::InvalidSimpleKey | K::ExpectedBlockMappingKey => (
            "a key with a colon is expected here",
            "this is not a `key: value`",
            "check for a missing `:` and that the line is indented like its neighbours",
        ),
        K::InvalidIndentation | K::InvalidFlowScalarIndent | K::InvalidBlockScalarIndent => (
            "the indentation fits no line above",
            "indented differently",
            "entries of one mapping or list begin in the same column",
        ),
        K::ExpectedBlockSequenceEntry | K::BlockSequenceEntryNotAllowed | K::InvalidBlockEntryWhitespace => (
            "a list and a mapping are mixed here",
            "this does not continue what stands above",
            "entries of a list begin with `- `, all in the same column",
        ),
        K::UnexpectedEof | K::UnexpectedEofBlockSequence | K::UnexpectedEofBlockMapping => {
            ("the text ends in the middle of something", "ends here", "")
        }
        K::BomInsideDocument => ("a byte order mark stands inside the text", "remove it", ""),
        _ => return None,
    })
}

/// Lists and mappings in brackets.
fn of_brackets(kind: &K) -> Option<Words> {
    Some(match kind {
        K::ExpectedFlowMappingSeparator => (
            "a comma or the closing brace is expected here",
            "neither `,` nor `}`",
            "separate entries by commas and close the brace; quote a value that has `,[]{}` in it",
        ),
        K::ExpectedFlowSequenceSeparator => (
            "a comma or the closing bracket is expected here",
            "neither `,` nor `]`",
            "separate entries by commas and close the bracket; quote a value that has `,[]{}` in it",
        ),
        K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping
        | K::UnclosedFlowCollection { .. } => {
            ("a bracket is not closed", "still inside the bracket here", "")
        }
        K::MisplacedFlowCollectionEnd => ("a bracket is closed that was not opened", "closes nothing", ""),
        _ => return None,
    })
}

/// Quotes, escapes and first characters.
fn of_texts(kind: &K) -> Option<Words> {
    Some(match kind {
        K::UnclosedQuotedScalar | K::InvalidQuotedScalarIndent | K::DocumentIndicatorInQuotedScalar => (
            "a quote is not closed",
            "still inside the quotes here",
            "close the quote on its own line, or indent the lines that continue it",
        ),
        K::InvalidTrailingDoubleQuotedScalar | K::InvalidTrailingSingleQuotedScalar => (
            "text follows a closing quote",
            "this is outside the quotes",
            "quote the whole value, and write a quote inside it twice ('') or as \\\"",
        ),
        K::UnknownQuotedScalarEscape | K::InvalidQuotedScalarHexEscape | K::InvalidUnicodeEscape => (
            "a backslash in double quotes begins no escape that YAML knows",
            "this escape",
            "use single quotes, in which a backslash is a backslash",
        ),
        K::UnexpectedCharacter { character: '@' | '`' | '%' } | K::PlainScalarStartsWithDashFlowIndicator => {
            (
                "a text begins with a character that YAML keeps for itself",
                "needs quotes",
                "quote the whole value",
            )
        }
        K::MissingAnchorOrAliasName => (
            "a text begins with `*` or `&`, which YAML keeps for itself",
            "needs quotes",
            "quote the whole value",
        ),
        _ => return None,
    })
}
