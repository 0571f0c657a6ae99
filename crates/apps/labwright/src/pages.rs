//! The page of every code, for `labwright explain`: rules bring theirs, the codes of reading have theirs in `docs/diagnostics`.
//!
//! A test holds that every code has a page and every page a code.

use crate::input;
use lab_source::codes::CodeInfo;

/// A code with what is known of it.
pub(crate) struct Page {
    /// The code, such as `duplicate-address`.
    pub(crate) code: &'static str,
    /// One line about it.
    pub(crate) summary: &'static str,
    /// The page, in Markdown.
    pub(crate) text: &'static str,
}

macro_rules! manual {
    ($($code:literal)*) => {
        &[$(($code, include_str!(concat!("../../../../docs/diagnostics/", $code, ".md")))),*]
    };
}

/// The pages of codes that are not rules.
const MANUAL: &[(&str, &str)] = manual! {
    "file-name-not-utf8"
    "file-too-large"
    "link-loop"
    "too-many-files"
    "unreadable-file"
};

/// Every page, sorted by code.
pub(crate) fn all() -> Vec<Page> {
    let mut pages: Vec<Page> = infos().map(page_of).collect();
    pages.sort_by_key(|page| page.code);
    pages.dedup_by_key(|page| page.code);
    pages
}

/// The page of a code.
pub(crate) fn find(code: &str) -> Option<Page> {
    all().into_iter().find(|page| page.code == code)
}

/// Codes that are not rules, with their lines.
pub(crate) fn infos() -> impl Iterator<Item = &'static CodeInfo> {
    lab_source::codes::ALL.iter().chain(input::CODES)
}

fn page_of(info: &'static CodeInfo) -> Page {
    let code = info.code.0;
    let text = MANUAL.iter().find(|(known, _)| *known == code).map_or("", |(_, text)| text);
    Page { code, summary: info.summary, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_a_code_and_a_title() {
        for (code, text) in MANUAL {
            assert!(infos().any(|info| info.code.0 == *code), "{code} is no code");
            assert!(text.starts_with(&format!("# {code}\n")), "{code}: the page begins with another title");
        }
    }
}
