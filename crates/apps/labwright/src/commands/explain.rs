//! `labwright explain`: the page of a finding's code, or the list of all codes.

use crate::analysis;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;

/// Explain a finding: what it means, why it matters, how to fix it
#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// The code in brackets after `error` or `warning`; without it, every code with its first sentence
    code: Option<String>,
}

/// Prints the page to stdout, in Markdown.
pub(crate) fn run_explain(args: &ExplainArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let text = match &args.code {
        Some(code) => analysis::page(code).ok_or_else(|| unknown_code(code))?.to_owned(),
        None => list(),
    };
    ui.data(&text)?;
    Ok(Exit::Done)
}

/// The error for a code that nothing has.
pub(crate) fn unknown_code(code: &str) -> CommandError {
    CommandError::usage(format!("there is no code `{code}`"))
        .did_you_mean(analysis::nearest_code(code))
        .hint("`labwright explain` lists every code")
}

fn list() -> String {
    let codes = analysis::codes();
    let width = codes.iter().map(|code| code.len()).max().unwrap_or_default();
    let line = |code: &&str| {
        format!("{code:width$}  {}\n", first_sentence(analysis::page(code).unwrap_or_default()))
    };
    codes.iter().map(line).collect()
}

/// The first sentence below the title.
fn first_sentence(page: &str) -> &str {
    let body =
        page.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    body.split_once(". ").map_or(body, |(sentence, _)| sentence).trim_end_matches('.')
}
