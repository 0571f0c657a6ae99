//! Generated labs are of the size asked for, the same every time, and without a fault.

use super::{DEVICES_MIN, generate, generate_crowded};
use lab_model::{Input, Reading, read};
use lab_source::Severity;
use lab_source::diagnostic::render_lines;

fn reading(devices: usize, seed: u64) -> Reading {
    reading_of(generate(devices, seed))
}

fn reading_of(files: Vec<(String, Vec<u8>)>) -> Reading {
    let files = files.into_iter().map(|(name, bytes)| lab_source::Input { name, bytes });
    read(Input { files: files.collect(), overlays: Vec::new(), types: &() })
}

#[test]
fn the_text_of_every_size_is_sound() {
    for (devices, seed) in [(DEVICES_MIN, 1), (31, 2), (54, 3), (200, 4), (395, 5), (800, 6)] {
        let reading = reading(devices, seed);
        let shown = render_lines(&reading.files, &reading.diagnostics);
        assert_eq!(shown, "", "{devices} devices");
        assert_eq!(reading.lab.devices.len(), devices);
    }
}

#[test]
fn crowded_labs_have_as_many_services_as_were_asked_for() {
    for devices in [DEVICES_MIN, 200] {
        let (plain, crowded) = (reading(devices, 1), reading_of(generate_crowded(devices, 1, 291)));
        assert_eq!(render_lines(&crowded.files, &crowded.diagnostics), "", "{devices} devices");
        assert_eq!(crowded.lab.services.len(), plain.lab.services.len() + 291);
    }
}

#[test]
fn interfaces_are_about_ten_a_device() {
    let lab = reading(400, 1).lab;
    let per_device = lab.derived.ports.len() / lab.devices.len();
    assert!((9..=12).contains(&per_device), "{per_device}");
}

#[test]
fn rules_find_no_error() {
    let reading = reading(200, 1);
    let checked = lab_check::check(&reading.lab, jiff::civil::date(2026, 5, 1));
    let errors: Vec<_> =
        checked.findings.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert_eq!(render_lines(&reading.files, &errors), "");
}

#[test]
fn the_seed_decides() {
    assert_eq!(generate(100, 7), generate(100, 7));
    assert_ne!(generate(100, 7), generate(100, 8));
}
