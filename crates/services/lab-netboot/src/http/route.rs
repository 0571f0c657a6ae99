//! What a path means: a machine's script, a report, or an artefact by its name.

use crate::mac::Mac;

/// What a path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The script of the machine with this card.
    Script(Mac),
    /// A machine tells a stage.
    Report {
        /// Its card.
        mac: Mac,
        /// The stage: 1 to 64 letters, digits, `-` and `_`.
        stage: String,
    },
    /// The answers for the installer of the machine with this card.
    Answer(Mac),
    /// The answers for the machine that is described in the posted body.
    PostedAnswer,
    /// Something that is served by name.
    Artefact(String),
}

/// Reads a path (without its first `/`).
pub fn route(path: &str) -> Route {
    script(path)
        .or_else(|| report(path))
        .or_else(|| answer(path))
        .unwrap_or_else(|| Route::Artefact(path.to_owned()))
}

fn script(path: &str) -> Option<Route> {
    let mac = path.strip_prefix("boot/")?.strip_suffix(".ipxe")?;
    Some(Route::Script(mac.parse().ok()?))
}

fn answer(path: &str) -> Option<Route> {
    match path.strip_prefix("answer")?.strip_prefix('/') {
        Some(mac) => Some(Route::Answer(mac.parse().ok()?)),
        None => (path == "answer").then_some(Route::PostedAnswer),
    }
}

fn report(path: &str) -> Option<Route> {
    let (mac, stage) = path.strip_prefix("report/")?.split_once('/')?;
    let plain = (1..=64).contains(&stage.len())
        && stage.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    plain.then_some(Route::Report { mac: mac.parse().ok()?, stage: stage.to_owned() })
}
