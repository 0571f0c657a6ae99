//! The page of every code, for `labwright explain`: rules bring theirs, the codes of reading have theirs in `docs/diagnostics`.
//!
//! A page's first sentence is the line that stands for it in lists. `cargo xtask tidy` holds that every code has a page; the
//! tests here, that the examples on the pages are true.

/// A code with what is known of it.
pub(crate) struct Page {
    /// The code, such as `duplicate-address`.
    pub(crate) code: &'static str,
    /// One line about it.
    pub(crate) summary: &'static str,
    /// The chapter of the manual it stands in.
    pub(crate) chapter: &'static str,
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
    "ambiguous-name"
    "bad-value"
    "conflicting-value"
    "control-character"
    "duplicate-name"
    "file-name-not-utf8"
    "file-too-large"
    "link-loop"
    "missing-key"
    "no-type-library"
    "not-a-mapping"
    "not-utf8"
    "overlay-removes-nothing"
    "overlay-says-nothing"
    "range-mismatch"
    "too-many-files"
    "unknown-key"
    "unknown-name"
    "unknown-overlay"
    "unknown-port"
    "unknown-type"
    "unreadable-file"
    "wrong-type"
    "yaml-alias-cycle"
    "yaml-bad-key"
    "yaml-bad-merge"
    "yaml-duplicate-key"
    "yaml-limit"
    "yaml-syntax"
    "yaml-tag"
    "yaml-unknown-alias"
};

/// Chapter of the codes that are not rules.
pub(crate) const READING: &str = "Reading the files";

/// Every page, sorted by code.
pub(crate) fn all() -> Vec<Page> {
    let manual = MANUAL.iter().map(|(code, text)| {
        let summary = first_sentence(text);
        Page { code, summary, chapter: READING, text }
    });
    let rules = lab_check::all().map(|rule| Page {
        code: rule.code.0,
        summary: rule.summary,
        chapter: rule.family.title(),
        text: rule.page,
    });
    let mut pages: Vec<Page> = manual.chain(rules).collect();
    pages.sort_by_key(|page| page.code);
    pages
}

/// The chapters in the order of the manual.
pub(crate) fn chapters() -> impl Iterator<Item = &'static str> {
    std::iter::once(READING).chain(lab_check::Family::ALL.iter().map(|family| family.title()))
}

/// The page of a code.
pub(crate) fn find(code: &str) -> Option<Page> {
    all().into_iter().find(|page| page.code == code)
}

/// The first sentence below the title, without its period.
fn first_sentence(page: &'static str) -> &'static str {
    let body =
        page.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    body.split_once(". ").map_or(body, |(sentence, _)| sentence).trim_end_matches('.')
}

#[cfg(test)]
mod tests;
