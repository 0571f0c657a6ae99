//! Prediction beside observation: confirmed, refuted, or not judged with the reason.

use crate::expect::{Expected, Within};

/// What was observed of one question after a failure.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Seen {
    /// Whether it was answered at the end; none when nothing was heard of it.
    pub up: Option<bool>,
    /// Spans in which it was not answered, in seconds since the failure. The last may be open.
    pub gaps: Vec<Gap>,
    /// What was said last.
    pub said: String,
}

/// A span without an answer. What is between two questions is not seen, so it is known to have lasted between `least` and `most`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gap {
    /// When the first question without an answer was put.
    pub from: f64,
    /// When the first question with an answer was put again; none while there is none.
    pub to: Option<f64>,
    /// The least that it lasted.
    pub least: f64,
}

/// What became of a prediction.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// It came about.
    Confirmed,
    /// It did not.
    Refuted(Difference),
    /// Nobody can tell, and why.
    NotJudged(String),
}

/// How a prediction was wrong.
#[derive(Clone, PartialEq, Debug)]
pub enum Difference {
    /// Predicted to be answered, and is not.
    WentDark,
    /// Predicted not to be answered, and is.
    StayedUp,
    /// It came back later than predicted.
    TooSlow {
        /// How long it was gone, at the least.
        seconds: f64,
        /// The most that was predicted.
        most: f64,
    },
}

impl Difference {
    /// In a few words.
    pub fn shown(&self) -> String {
        match self {
            Difference::WentDark => "predicted up, seen down".to_owned(),
            Difference::StayedUp => "predicted down, seen up".to_owned(),
            Difference::TooSlow { seconds, most } => {
                format!("gone for {seconds:.1} s, predicted {most:.0} s at the most")
            }
        }
    }

    /// One word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Difference::WentDark => "went-dark",
            Difference::StayedUp => "stayed-up",
            Difference::TooSlow { .. } => "too-slow",
        }
    }
}

/// Questions are put every half second, and a moment without an answer is not a second.
const SLACK_SECS: f64 = 1.5;

/// The verdict on one question after a failure. `was_right`: whether it was as predicted while all was well.
pub fn judge(expected: &Expected, seen: &Seen, was_right: bool) -> Verdict {
    if !was_right {
        return Verdict::NotJudged("differs already while nothing has failed".to_owned());
    }
    let Some(predicted) = expected.up else {
        return Verdict::NotJudged(
            expected.unsaid.clone().unwrap_or_else(|| "nothing is predicted".to_owned()),
        );
    };
    match (predicted, seen.up) {
        (_, None) => Verdict::NotJudged("no answer was waited for long enough".to_owned()),
        (true, Some(false)) => Verdict::Refuted(Difference::WentDark),
        (false, Some(true)) => Verdict::Refuted(Difference::StayedUp),
        (false, Some(false)) => Verdict::Confirmed,
        (true, Some(true)) => match &expected.within {
            Within::NotJudged(_) => Verdict::Confirmed,
            Within::Seconds { most, .. } => {
                let longest = seen.gaps.iter().map(|gap| gap.least).fold(0.0, f64::max);
                if longest > most + SLACK_SECS {
                    Verdict::Refuted(Difference::TooSlow { seconds: longest, most: *most })
                } else {
                    Verdict::Confirmed
                }
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(up: Option<bool>, most: f64) -> Expected {
        Expected {
            up,
            unsaid: up.is_none().then(|| "chance".into()),
            within: Within::Seconds { most, waits: vec![] },
        }
    }

    fn seen(up: Option<bool>, least: Option<f64>) -> Seen {
        let gaps = least.map(|least| Gap { from: 1.0, to: Some(2.0), least }).into_iter().collect();
        Seen { up, gaps, said: String::new() }
    }

    #[test]
    fn every_combination_has_its_verdict() {
        let slow = Verdict::Refuted(Difference::TooSlow { seconds: 6.0, most: 4.0 });
        let cases = [
            (Some(true), Some(true), None, Verdict::Confirmed),
            (Some(true), Some(true), Some(5.4), Verdict::Confirmed),
            (Some(true), Some(true), Some(6.0), slow),
            (Some(true), Some(false), Some(9.0), Verdict::Refuted(Difference::WentDark)),
            (Some(false), Some(false), Some(9.0), Verdict::Confirmed),
            (Some(false), Some(true), None, Verdict::Refuted(Difference::StayedUp)),
            (None, Some(true), None, Verdict::NotJudged("chance".into())),
        ];
        for (up, observed, gap, expect) in cases {
            assert_eq!(judge(&expected(up, 4.0), &seen(observed, gap), true), expect);
        }
        let verdict = judge(&expected(Some(true), 4.0), &seen(Some(false), None), false);
        assert!(matches!(verdict, Verdict::NotJudged(_)));
    }

    #[test]
    fn seconds_that_a_stand_in_decides_are_not_judged() {
        let within = Within::NotJudged("a stand-in".into());
        let expected = Expected { up: Some(true), unsaid: None, within };
        assert_eq!(judge(&expected, &seen(Some(true), Some(90.0)), true), Verdict::Confirmed);
    }
}
