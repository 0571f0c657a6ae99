//! Keys of records: how they are named in Rust and in the text.

use std::borrow::Cow;

/// A key as declared: a Rust field name, or a literal for keys of another format.
#[derive(Clone, Copy, Debug)]
pub struct KeyName {
    /// The field's name or the literal.
    pub text: &'static str,
    /// True when `text` is the key itself.
    pub literal: bool,
}

impl KeyName {
    /// The key as a user writes it.
    pub fn shown(self) -> Cow<'static, str> {
        let text = self.text.strip_prefix("r#").unwrap_or(self.text);
        if !self.literal && text.contains('_') {
            Cow::Owned(text.replace('_', "-"))
        } else {
            Cow::Borrowed(text)
        }
    }

    /// True when `written` is this key.
    pub fn is(self, written: &str) -> bool {
        let text = self.text.strip_prefix("r#").unwrap_or(self.text);
        if self.literal {
            return text == written;
        }
        text.len() == written.len()
            && text
                .bytes()
                .zip(written.bytes())
                .all(|(ours, theirs)| if ours == b'_' { theirs == b'-' } else { ours == theirs })
    }
}

/// True when both names mean the same key.
pub fn same_key(one: KeyName, other: KeyName) -> bool {
    one.shown() == other.shown()
}

/// One key of a record.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: KeyName,
    /// Whether its absence is a finding.
    pub required: bool,
    /// The doc comment, one line each.
    pub doc: &'static str,
}
