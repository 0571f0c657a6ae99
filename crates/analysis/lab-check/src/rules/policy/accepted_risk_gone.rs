//! An accepted risk that no finding matches: it was mended, its subject was renamed, or its code is wrong. Found while
//! findings are sorted out.

use crate::context::Context;
use crate::rule::rule;
use lab_model::{Name, Text};
use lab_source::Diagnostic;

rule!("accepted-risk-gone", Warning, Policy, "an accepted risk does not occur");

fn check(_: &mut Context<'_>) {}

/// The finding about one acceptance. `known` tells whether a rule has its code.
pub(crate) fn finding(name: &Name, code: &Text, known: bool) -> Diagnostic {
    let finding =
        Diagnostic::new(RULE.code, RULE.severity, format!("nothing is found that `{name}` accepts"));
    if known {
        return finding
            .at(name.span, format!("no finding `{}` about these things", code.text))
            .help("remove it; should the risk come back, it must be seen");
    }
    let codes = crate::all().map(|rule| rule.code.0);
    let finding = finding.at(code.span, "no rule has this code");
    match lab_source::suggest::nearest(&code.text, codes) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("`labwright explain` lists the codes"),
    }
}
