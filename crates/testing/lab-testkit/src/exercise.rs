//! One call that drives everything pure with arbitrary bytes, as a whole lab, and panics when a promise is broken. The fuzz
//! target `model` and the tests of broken labs call it. The text alone is driven by `lab_source::exercise`.
//!
//! Promises held here: nothing panics, every place of every finding lies inside its file on character boundaries, what
//! is written as JSON is JSON, every view of whatever was understood can be shown, and two runs say the same.

use lab_check::Checked;
use lab_model::device_type::{TypeFile, TypeKind, slugify};
use lab_model::{Input, Reading, TypeSource, read};
use lab_show::{Asked, Drawing, View, picture};
use lab_source::diagnostic::{
    TextStyle, render_github, render_json, render_lines, render_sarif, render_text, sort,
};
use lab_source::{Diagnostic, Files, Span};

/// Files below these folders are a library of types, not files of the lab.
const LIBRARY: [(&str, TypeKind); 2] =
    [("device-types/", TypeKind::Device), ("module-types/", TypeKind::Card)];

/// More findings than this are not drawn with their lines, which is the slow part.
const DRAWN_MAX: usize = 100;

/// Reads `bytes`, cut into files at lines beginning with `#--- NAME`, as a lab with its overlays and with a library of
/// types, checks it, and renders every finding and every view, twice.
///
/// # Panics
///
/// When a promise is broken.
pub fn exercise(bytes: &[u8]) {
    let shown = run(bytes);
    let again = run(bytes);
    for (one, other) in shown.iter().zip(&again) {
        assert_eq!(one, other, "two runs say the same");
    }
    assert_eq!(shown.len(), again.len(), "two runs say as much");
}

/// The types among the files.
struct Library(Vec<(TypeKind, String, TypeFile)>);

impl TypeSource for Library {
    fn find(&self, kind: TypeKind, name: &str) -> Option<TypeFile> {
        self.0
            .iter()
            .find(|(of, known, _)| (*of, known.as_str()) == (kind, name))
            .map(|(.., file)| file.clone())
    }

    fn names(&self, kind: TypeKind) -> Vec<String> {
        self.0.iter().filter(|(of, ..)| *of == kind).map(|(_, name, _)| name.clone()).collect()
    }
}

fn run(bytes: &[u8]) -> Vec<String> {
    let mut library = Library(Vec::new());
    let mut ours = Vec::new();
    for file in lab_source::exercise::inputs(bytes) {
        match library_name(&file.name) {
            Some((kind, name)) => {
                library.0.push((kind, name, TypeFile { name: file.name, bytes: file.bytes }));
            }
            None => ours.push(file),
        }
    }
    let overlays = vec!["next".to_owned(), "nxet".to_owned()];
    hold(&read(Input { files: ours, overlays, types: &library }))
}

/// `device-types/Maker/Model.yaml` as kind and `maker/model`.
fn library_name(file: &str) -> Option<(TypeKind, String)> {
    LIBRARY.iter().find_map(|(folder, kind)| {
        let (maker, model) = file.strip_prefix(folder)?.strip_suffix(".yaml")?.split_once('/')?;
        Some((*kind, format!("{}/{}", slugify(maker), slugify(model))))
    })
}

/// Checks a lab that was read, and renders all that was found and all that can be shown.
///
/// # Panics
///
/// When a promise is broken.
pub fn hold(reading: &Reading) -> Vec<String> {
    let Checked { findings, accepted } = lab_check::check(&reading.lab, jiff::civil::date(2026, 5, 1));
    let mut all = reading.diagnostics.clone();
    all.extend(findings);
    all.extend(accepted.into_iter().map(|(finding, _)| finding));
    sort(&mut all, &reading.files);
    hold_findings(&reading.files, &all);
    let mut shown = rendered(&reading.files, &all);
    lab_show::VIEWS.iter().for_each(|view| show(view, reading, &mut shown));
    shown
}

/// Panics unless every place of every finding is a place of its file.
pub fn hold_findings(files: &Files, findings: &[Diagnostic]) {
    for finding in findings {
        finding
            .primary
            .iter()
            .chain(&finding.secondary)
            .for_each(|label| hold_span(files, label.span, finding));
        finding.fix.iter().for_each(|fix| hold_span(files, fix.span, finding));
        assert!(!finding.message.is_empty(), "a finding says something");
    }
}

fn hold_span(files: &Files, span: Span, finding: &Diagnostic) {
    let text = &files.find(span.file).expect("a span names a known file").text;
    let inside = text.get(span.start as usize..span.end as usize);
    assert!(inside.is_some(), "{span:?} of {} lies in a text of {} bytes", finding.code, text.len());
}

fn rendered(files: &Files, findings: &[Diagnostic]) -> Vec<String> {
    let drawn = &findings[..findings.len().min(DRAWN_MAX)];
    let json = [render_json(files, findings), render_sarif(files, findings, &[])];
    json.iter().for_each(|text| hold_json(text));
    let lines = render_lines(files, findings);
    assert_eq!(lines.lines().count(), findings.len(), "one line a finding");
    let mut shown =
        vec![render_text(files, drawn, &TextStyle::default()), render_github(files, drawn), lines];
    shown.extend(json);
    shown
}

fn hold_json(text: &str) {
    serde_json::from_str::<serde_json::Value>(text).expect("what is written as JSON is JSON");
}

/// Renders a view of everything, and of the first thing of some kinds, in every format it has.
fn show(view: &View, reading: &Reading, shown: &mut Vec<String>) {
    let lab = &reading.lab;
    let first = |name: Option<&lab_model::Name>| name.map(|name| vec![name.to_string()]);
    let asked = [
        Some(Vec::new()),
        first(lab.devices.iter().next().map(|(_, entry)| &entry.name)),
        first(lab.services.iter().next().map(|(_, entry)| &entry.name)),
        first(lab.prefixes.iter().next().map(|(_, entry)| &entry.name)),
    ];
    for names in asked.into_iter().flatten() {
        let asked = Asked { lab, files: &reading.files, names: &names };
        if let Ok(document) = (view.document)(&asked) {
            let json = lab_show::render_json(&document);
            hold_json(&json);
            shown.extend([lab_show::render_text(&document, 80), lab_show::render_csv(&document), json]);
        }
        match view.drawing {
            Some(Drawing::Graph(graph)) => {
                let graphs = graph(&asked).ok();
                shown.extend(
                    graphs
                        .iter()
                        .flat_map(|graph| [picture::render_mermaid(graph), picture::render_svg(graph)]),
                );
            }
            Some(Drawing::Svg(draw)) => shown.extend(draw(&asked)),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::exercise;

    #[test]
    fn what_is_no_lab_is_survived() {
        for text in ["", "\0", "- a", "devices: 1", "devices: { a: { at: a, inlets: { in: a } } }"] {
            exercise(text.as_bytes());
        }
    }
}
