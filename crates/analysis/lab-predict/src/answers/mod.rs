//! Answers to what people ask of a lab: one file a question, each a value made of a [`Forecast`], with its text and its JSON.
//!
//! Texts are documents of `lab-show`, so that all of Labwright's tables look alike. A new question is a file and a line in
//! [`QUESTIONS`]. Nothing here knows a terminal or a command line.

mod any;
mod boot;
mod change;
mod fail;
mod fix;
mod given;
mod overview;
mod power;
mod select;
mod service;

pub use any::{Any, any};
pub use boot::{Boot, boot};
pub use change::{Change, change};
pub use fail::{Course, Fail, Notice, fail};
pub use fix::{Cost, Effect, Fix, Fixes, Step, Time, fix};
pub use given::{Given, given};
pub use overview::{Downtime, Group, Overview, overview};
pub use power::{BatteryMinutes, Power, power};
pub use select::{SelectError, parts_named, parts_of};
pub use service::{ServiceAnswer, service};

pub use crate::answer::{Answer, JSON_VERSION};
pub use crate::forecast::consequence::{Consequence, Harm};
pub use crate::forecast::{Forecast, ForecastError, Texts};

/// A question that has a word of its own on the command line.
pub struct Question {
    /// The word.
    pub name: &'static str,
    /// What it answers, in a sentence.
    pub summary: &'static str,
    /// Answers it; `names` is what the user wrote after the word.
    pub answer: fn(&Forecast<'_>, names: &[String]) -> Result<Answer, SelectError>,
}

/// Every question with a word of its own.
pub const QUESTIONS: &[Question] = &[
    Question {
        name: "overview",
        summary: "Every single failure, worst first, and what was proved harmless",
        answer: |forecast, names| {
            nothing_more("overview", names).map(|()| overview(forecast).answer(forecast))
        },
    },
    Question {
        name: "boot",
        summary: "Black start: what comes up from nothing, in which order, and what needs a hand",
        answer: |forecast, names| nothing_more("boot", names).map(|()| boot(forecast).answer(forecast)),
    },
    Question {
        name: "power",
        summary: "Watts and limits, energy and money a year, minutes on battery, what trips when a feed dies",
        answer: |forecast, names| nothing_more("power", names).map(|()| power(forecast).answer(forecast)),
    },
    Question {
        name: "fix",
        summary: "What to change: free moves first, each tried, with what it removes, what it brings and its lines",
        answer: |forecast, names| {
            nothing_more("fix", names)?;
            Ok(fix(forecast)?.answer(forecast))
        },
    },
    Question {
        name: "promises",
        summary: "What the owner claims: each promise proved or refuted, with the reason",
        answer: |forecast, names| {
            select::promises_named(forecast, names)?;
            Ok(crate::promises::answer(forecast, &crate::promises::judge(forecast), names))
        },
    },
    Question {
        name: "service",
        summary: "What brings one thing down: a service, dataset, pool, machine, cluster",
        answer: |forecast, names| Ok(service(forecast, names)?.answer(forecast)),
    },
];

/// A question that is about the whole lab takes no names.
fn nothing_more(question: &str, names: &[String]) -> Result<(), SelectError> {
    match names.first() {
        None => Ok(()),
        Some(name) => Err(SelectError {
            message: format!(
                "`{question}` is about the whole lab: it asks for no name, and {name} is no folder of a lab"
            ),
            near: None,
        }),
    }
}
