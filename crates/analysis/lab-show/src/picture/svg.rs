//! SVG text: shapes with classes, one style sheet for light and dark, everything escaped.

use std::fmt::Write as _;

/// A drawing in the making. Lengths are in pixels.
pub(super) struct Svg {
    width: f64,
    height: f64,
    title: String,
    body: String,
}

/// Colours by class; text and lines follow the reader's light or dark page.
const STYLE: &str = "\
:root{--page:#ffffff;--ink:#1c2430;--soft:#5b6776;--line:#8a96a5;--grid:#e3e8ee}\
@media(prefers-color-scheme:dark){:root{--page:#12161c;--ink:#e8edf3;--soft:#9aa7b6;--line:#6f7d8d;--grid:#252c36}}\
svg{background:var(--page)}\
text{font-family:system-ui,'DejaVu Sans',sans-serif;fill:var(--ink)}\
.soft{fill:var(--soft)}.title{font-weight:600}\
.line{fill:none;stroke:var(--line);stroke-width:1.3}.thick{stroke-width:3}.dashed{stroke-dasharray:5 4}\
.grid{stroke:var(--grid);stroke-width:1}\
.box{stroke-width:1.2;fill-opacity:.16}\
.power{fill:#d9822b;stroke:#d9822b}.network{fill:#2f7fd1;stroke:#2f7fd1}.machine{fill:#2e9e6b;stroke:#2e9e6b}\
.storage{fill:#8a63d2;stroke:#8a63d2}.service{fill:#c2477f;stroke:#c2477f}.external{fill:#7a8796;stroke:#7a8796}\
.other{fill:#a08a5b;stroke:#a08a5b}.frame{fill:none;stroke:var(--line);stroke-width:1.5}\
.halo{paint-order:stroke;stroke:var(--page);stroke-width:6px;stroke-linejoin:round}";

/// Which side of its point a text stands on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Anchor {
    /// Begins there.
    Start,
    /// Is centred there.
    Middle,
    /// Ends there.
    End,
}

impl Svg {
    pub(super) fn new(width: f64, height: f64, title: &str) -> Self {
        Self { width, height, title: title.to_owned(), body: String::new() }
    }

    /// A box with round corners; `hint` is shown when one points at it.
    pub(super) fn rect(&mut self, at: (f64, f64), size: (f64, f64), class: &str, hint: &str) {
        let (x, y) = at;
        let (width, height) = size;
        let hint = if hint.is_empty() { String::new() } else { format!("<title>{}</title>", escape(hint)) };
        let shape =
            format!("<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"4\"");
        writeln!(self.body, "{shape} class=\"{class}\">{hint}</rect>").expect("a string grows");
    }

    pub(super) fn text(&mut self, at: (f64, f64), size: f64, anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y) = at;
        let head = format!("<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\"");
        writeln!(self.body, "{head} class=\"{class}\">{}</text>", escape(text)).expect("a string grows");
    }

    /// A path in SVG's own language, which the caller makes of numbers only.
    pub(super) fn path(&mut self, path: &str, class: &str, hint: &str) {
        let hint = if hint.is_empty() { String::new() } else { format!("<title>{}</title>", escape(hint)) };
        writeln!(self.body, "<path d=\"{path}\" class=\"{class}\">{hint}</path>").expect("a string grows");
    }

    /// Begins a group that a page can find by its key. To be ended by [`Self::end_group`].
    pub(super) fn begin_group(&mut self, key: &str) {
        writeln!(self.body, "<g data-key=\"{}\">", escape(key)).expect("a string grows");
    }

    /// Ends a group.
    pub(super) fn end_group(&mut self) {
        self.body.push_str("</g>\n");
    }

    pub(super) fn finish(self) -> String {
        let (width, height) = (self.width.ceil(), self.height.ceil());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n{}</svg>\n",
            escape(&self.title),
            self.body
        )
    }
}

/// How wide a text is at a font size, roughly: no font is at hand.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let ems: f64 = text
        .chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | '.' | ',' | ':' | '|' | '\'' | ' ' => 0.34,
            'm' | 'w' | 'M' | 'W' => 0.92,
            letter if letter.is_ascii_uppercase() => 0.70,
            letter if letter.is_ascii() => 0.60,
            _ => 0.95,
        })
        .sum();
    ems * size
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Control characters may not stand in XML at all (XML 1.0, 2.2).
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
