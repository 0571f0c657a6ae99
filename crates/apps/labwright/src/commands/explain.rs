//! `labwright explain`: the page of a finding's code, or the list of all codes.

use crate::error::CommandError;
use crate::exit::Exit;
use crate::pages;
use crate::ui::Ui;
use clap::Args;

/// Explain a finding: what it means, why it matters, how to fix it
#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// The code in brackets after `error` or `warning`; without it, every code with a line about it
    code: Option<String>,
}

/// Prints the page to stdout, in Markdown.
pub(crate) fn run_explain(args: &ExplainArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let text = match &args.code {
        Some(code) => pages::find(code).ok_or_else(|| unknown_code(code))?.text.to_owned(),
        None => list(),
    };
    ui.data(&text)?;
    Ok(Exit::Done)
}

/// The error for a code that nothing has.
pub(crate) fn unknown_code(code: &str) -> CommandError {
    let known = pages::all();
    CommandError::usage(format!("there is no code `{code}`"))
        .did_you_mean(lab_source::suggest::nearest(code, known.iter().map(|page| page.code)))
        .hint("`labwright explain` lists every code")
}

fn list() -> String {
    let pages = pages::all();
    let width = pages.iter().map(|page| page.code.len()).max().unwrap_or_default();
    pages.iter().map(|page| format!("{:width$}  {}\n", page.code, page.summary)).collect()
}
