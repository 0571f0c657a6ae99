//! "Three copies, two media, one elsewhere", "at most so old", "it can be restored", "that may be gone and the data is not": claims on
//! the plan of backups.
//!
//! A copy counts when it is in use and does not stand on the devices of the original. Whether a job really runs is not known here.

mod kept;
mod lacks;
mod losing;
mod plan;

use super::Aspect;
use crate::forecast::Forecast;
pub(crate) use kept::has_copy;
use kept::kept;
use lab_model::written::Claim;
pub(super) use losing::judge_losing;
use plan::{at_most, own_off_site, restorable, three_two_one};

/// Judges what a claim says of copies, nothing being lost or only the original.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let lab = forecast.lab;
    let wants = |said: &Option<lab_source::Spanned<bool>>| said.as_ref().is_some_and(|said| said.value);
    let mut aspects = Vec::new();
    if wants(&claim.three_two_one) {
        aspects.push(three_two_one(lab, &kept(lab, &claim.of)));
    }
    if wants(&claim.own_off_site) {
        aspects.push(own_off_site(lab, &kept(lab, &claim.of)));
    }
    if wants(&claim.restorable) {
        aspects.push(restorable(lab, &kept(lab, &claim.of)));
    }
    if let Some(rpo) = claim.rpo.as_ref().filter(|_| claim.losing.is_empty()) {
        aspects.push(at_most(lab, &kept(lab, &claim.of), rpo.value));
    }
    aspects
}

fn nothing_kept(said: String) -> Aspect {
    Aspect::not_judged(said, "Nothing that keeps data is described for it.")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    fn lab(claim: &str) -> String {
        format!(
            "
sites: {{ home: {{}}, parents: {{ controller: family }} }}
externals: {{ bucket: {{ kind: storage }} }}
devices:
  nas-(a,b): {{ role: nas }}
pools: {{ tank: {{ kind: nas, on: nas-a }}, second: {{ kind: nas, on: nas-b }} }}
datasets:
  photos: {{ pool: tank, importance: irreplaceable }}
  films: {{ pool: tank, importance: replaceable }}
  papers: {{ pool: tank, importance: important }}
  beside: {{ pool: tank }}
  (copies,more): {{ pool: second }}
backups:
  nightly:
    of: photos
    rto: 1 d
    copies:
      - {{ to: copies, every: every 6 h }}
      - {{ to: bucket, every: daily }}
      - {{ to: parents, from: source, every: weekly, medium: disk }}
  local: {{ of: papers, copies: [{{ to: beside, every: every 1 h }}] }}
  without-rto: {{ of: films, copies: [{{ to: more, every: daily }}] }}
promises: {{ it: {{ says: it, claim: {claim} }} }}
"
        )
    }

    #[test]
    fn plans_of_backups_are_judged() {
        for (claim, expected) in [
            ("{ three-two-one: true, of: dataset/photos }", "proved"),
            ("{ three-two-one: true, of: everything }", "REFUTED"),
            ("{ own-off-site: true, of: dataset/photos }", "proved"),
            ("{ rpo: 6 h, of: dataset/photos }", "proved"),
            ("{ rpo: 5 h, of: dataset/photos }", "REFUTED"),
            // A copy beside the original is none.
            ("{ rpo: 1 d, of: dataset/papers }", "REFUTED"),
            ("{ restorable: true, of: dataset/photos }", "proved"),
            ("{ restorable: true, of: dataset/papers }", "REFUTED"),
            ("{ restorable: true, of: dataset/films }", "not judged"),
            ("{ losing: device/nas-a, keeps: data, of: dataset/photos }", "proved"),
            ("{ losing: device/nas-a, keeps: data, of: dataset/papers }", "REFUTED"),
            ("{ losing: device/nas-b, keeps: data, of: dataset/papers }", "proved"),
            (
                "{ losing: [device/nas-a, device/nas-b], keeps: data, rpo: 6 h, of: dataset/photos }",
                "REFUTED",
            ),
            ("{ losing: device/nas-b, rpo: 30 h, of: backup/nightly }", "proved"),
            ("{ losing: device/nas-b, rpo: 6 h, of: backup/nightly }", "REFUTED"),
        ] {
            assert_eq!(verdicts(&lab(claim)), [expected], "{claim}");
        }
    }

    #[test]
    fn gaps_along_a_chain_add_up() {
        let why = because(&lab("{ losing: device/nas-b, rpo: 6 h, of: backup/nightly }"));
        assert!(why.contains("bucket, up to 1 d 6 h behind"), "{why}");
        assert!(why.contains("Only the copy at copies is never more than 6 h behind"), "{why}");
    }
}
