//! `labwright netboot fetch`: what exists on vendors' sites only, fetched once, and refused when its checksum is wrong.
//!
//! The list is the lab's own (`netboot/artefacts.txt`: name, SHA-256, URL), since what a vendor's file is today is not
//! known here. `curl` fetches, goes on where it was interrupted, and knows proxies and certificates.

use super::files;
use super::place::{Place, PlaceArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The list in the lab's folder.
const LIST: &str = "netboot/artefacts.txt";

/// Get the files that the lab's `netboot/artefacts.txt` names: lines of NAME SHA256 URL
#[derive(Args, Debug)]
pub(super) struct FetchArgs {
    #[command(flatten)]
    place: PlaceArgs,
}

/// One line of the list.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    name: String,
    sha256: String,
    url: String,
}

/// Fetches what is not there yet.
pub(super) fn run_fetch(args: &FetchArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let place = Place::of(&args.place, ui)?;
    let path = place.root.join(LIST);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        CommandError::usage(format!("{} cannot be read", path.display())).caused_by(error).hint(
            "each line of it is NAME SHA256 URL, such as `talos-1.11.5/amd64/vmlinuz 1b4f... https://...`",
        )
    })?;
    let wanted = parse(&text).map_err(|why| CommandError::usage(format!("{LIST}: {why}")))?;
    let folder = files::folder(&place.state);
    for one in &wanted {
        match fetch(one, &folder)? {
            true => ui.say(&format!("{}: fetched, its checksum is right", one.name)),
            false => ui.say(&format!("{}: already here", one.name)),
        }
    }
    Ok(Exit::Done)
}

/// Reads the list; lines with `#` in front are words.
fn parse(text: &str) -> Result<Vec<Wanted>, String> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let read = |(at, line): (usize, &str)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, sha256, url] = words[..] else {
            return Err(format!("line {at} is not NAME SHA256 URL"));
        };
        let is_plain = name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._/+".contains(&b));
        if !is_plain {
            return Err(format!("line {at}: `{name}` is no plain relative name"));
        }
        if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(format!("line {at}: `{sha256}` is no SHA-256 of 64 hexadecimal digits"));
        }
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(format!("line {at}: `{url}` is no URL of HTTP"));
        }
        Ok(Wanted { name: name.into(), sha256: sha256.to_ascii_lowercase(), url: url.into() })
    };
    lines.map(read).collect()
}

/// Fetches one file into a folder; false when it is there already. What is wrong never gets its name.
fn fetch(wanted: &Wanted, folder: &Path) -> Result<bool, CommandError> {
    let path = folder.join(&wanted.name);
    let part = PathBuf::from(format!("{}.part", path.display()));
    let failed = || CommandError::failed(format!("`{}` was not fetched", wanted.name));
    let sum = |path: &Path| checksum(path).map_err(|error| failed().caused_by(error));
    if path.is_file() {
        if sum(&path)? == wanted.sha256 {
            return Ok(false);
        }
        // The list has changed, or the file has: either way it is not the one that is wanted.
        std::fs::remove_file(&path).map_err(|error| failed().caused_by(error))?;
    }
    std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(|error| failed().caused_by(error))?;
    if !part.is_file() || sum(&part)? != wanted.sha256 {
        curl(wanted, &part).map_err(|error| failed().caused_by(error))?;
    }
    let found = sum(&part)?;
    if found != wanted.sha256 {
        std::fs::remove_file(&part).map_err(|error| failed().caused_by(error))?;
        let why = format!("its checksum is {found}, the list says {}", wanted.sha256);
        return Err(failed().caused_by(io::Error::other(why)).hint(
            "the vendor's file has changed or was changed on the way; correct the list only with a checksum that the vendor publishes",
        ));
    }
    let kept =
        File::open(&part).and_then(|file| file.sync_all()).and_then(|()| std::fs::rename(&part, &path));
    kept.map_err(|error| failed().caused_by(error))?;
    Ok(true)
}

/// Goes on where an earlier run was interrupted. A server that cannot do that sends the whole file once more.
fn curl(wanted: &Wanted, part: &Path) -> io::Result<()> {
    let run = |more: &[&str]| {
        let mut curl = Command::new("curl");
        curl.args(["--fail", "--location", "--silent", "--show-error", "--proto", "=http,https", "--output"]);
        curl.arg(part).args(more).arg("--").arg(&wanted.url).status()
    };
    let missing = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::other("`curl` is not installed"),
        _ => error,
    };
    if part.is_file() && run(&["--continue-at", "-"]).map_err(missing)?.success() {
        return Ok(());
    }
    match run(&[]).map_err(missing)? {
        status if status.success() => Ok(()),
        status => Err(io::Error::other(format!("curl ended with {status}"))),
    }
}

fn checksum(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            length => hash.update(&buffer[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_or_refused() {
        let sum = "AB".repeat(32);
        let good = format!("# words\n\n talos-1/amd64/vmlinuz {sum} https://x/y \n");
        let expect = Wanted {
            name: "talos-1/amd64/vmlinuz".into(),
            sha256: sum.to_lowercase(),
            url: "https://x/y".into(),
        };
        assert_eq!(parse(&good), Ok(vec![expect]));
        for (line, part) in [
            ("a b".to_owned(), "line 1 is not"),
            (format!("../a {sum} https://x"), "no plain relative name"),
            (format!("/a {sum} https://x"), "no plain relative name"),
            ("a 12 https://x".into(), "no SHA-256"),
            (format!("a {sum} file:///etc/passwd"), "no URL"),
        ] {
            assert!(parse(&line).is_err_and(|why| why.contains(part)), "{line}");
        }
    }
}
