//! The codes of everything this crate can find, each with one line about it. A code never changes its meaning and
//! is never renamed; its page in the manual is [`page`].

use crate::diagnostic::Code;

/// A code and what it stands for.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// The code.
    pub code: Code,
    /// One line, such as a table of contents shows.
    pub summary: &'static str,
}

/// The text is not YAML.
pub const YAML_SYNTAX: Code = Code("yaml-syntax");
/// One mapping has the same key twice.
pub const YAML_DUPLICATE_KEY: Code = Code("yaml-duplicate-key");
/// An alias names an anchor that does not stand before it.
pub const YAML_UNKNOWN_ALIAS: Code = Code("yaml-unknown-alias");
/// An alias stands inside the value it names.
pub const YAML_ALIAS_CYCLE: Code = Code("yaml-alias-cycle");
/// A key that is not a single value.
pub const YAML_BAD_KEY: Code = Code("yaml-bad-key");
/// A merge key with something other than mappings.
pub const YAML_BAD_MERGE: Code = Code("yaml-bad-merge");
/// A tag that has no meaning here.
pub const YAML_TAG: Code = Code("yaml-tag");
/// Larger, deeper or more entangled than is read.
pub const YAML_LIMIT: Code = Code("yaml-limit");
/// Bytes that are not UTF-8.
pub const NOT_UTF8: Code = Code("not-utf8");
/// A control character.
pub const CONTROL_CHARACTER: Code = Code("control-character");
/// A document that is not a mapping.
pub const NOT_A_MAPPING: Code = Code("not-a-mapping");
/// One name in two files.
pub const DUPLICATE_NAME: Code = Code("duplicate-name");
/// One top-level key with two values that cannot be joined.
pub const CONFLICTING_VALUE: Code = Code("conflicting-value");
/// An overlay that does not exist was asked for.
pub const UNKNOWN_OVERLAY: Code = Code("unknown-overlay");
/// An overlay removes something that is not there.
pub const OVERLAY_REMOVES_NOTHING: Code = Code("overlay-removes-nothing");
/// An overlay names a key and says nothing about it.
pub const OVERLAY_SAYS_NOTHING: Code = Code("overlay-says-nothing");

/// Every code of this crate, in the order of the manual.
pub const ALL: &[CodeInfo] = &[
    CodeInfo { code: YAML_SYNTAX, summary: "the text is not YAML" },
    CodeInfo { code: YAML_DUPLICATE_KEY, summary: "a mapping has the same key twice" },
    CodeInfo { code: YAML_UNKNOWN_ALIAS, summary: "an alias names an anchor that does not stand before it" },
    CodeInfo { code: YAML_ALIAS_CYCLE, summary: "an alias stands inside the value it names" },
    CodeInfo { code: YAML_BAD_KEY, summary: "a key is not a single value" },
    CodeInfo { code: YAML_BAD_MERGE, summary: "a merge key has something other than mappings" },
    CodeInfo { code: YAML_TAG, summary: "a tag has no meaning here" },
    CodeInfo { code: YAML_LIMIT, summary: "a file is larger, deeper or more entangled than is read" },
    CodeInfo { code: NOT_UTF8, summary: "a file has bytes that are not UTF-8" },
    CodeInfo { code: CONTROL_CHARACTER, summary: "a file has a control character" },
    CodeInfo { code: NOT_A_MAPPING, summary: "a file is not a mapping" },
    CodeInfo { code: DUPLICATE_NAME, summary: "one name stands in two files" },
    CodeInfo { code: CONFLICTING_VALUE, summary: "a key has two values that cannot be joined" },
    CodeInfo { code: UNKNOWN_OVERLAY, summary: "an overlay does not exist" },
    CodeInfo { code: OVERLAY_REMOVES_NOTHING, summary: "an overlay removes something that is not there" },
    CodeInfo { code: OVERLAY_SAYS_NOTHING, summary: "an overlay names a key and says nothing about it" },
];

/// Where the page of a code stands, from the root of the manual.
pub fn page(code: Code) -> String {
    format!("docs/diagnostics/{code}.md")
}
