//! Every driver over every lab holds the contract; what is rendered is the same each time and says who wrote it.

use crate::labs;
use lab_driver::{Rendering, conformance};
use lab_drivers::DRIVERS;

/// The same files in another state: one is different, one is not there, one is more.
fn other(rendering: &Rendering) -> Rendering {
    let mut other = rendering.clone();
    let first = other.files.keys().next().unwrap().clone();
    other.files.get_mut(&first).unwrap().text.push_str("# more\n");
    if other.files.len() > 1 {
        other.files.pop_last();
    }
    other.add("etc/labwright/more", None, "# Written by Labwright\n".to_owned());
    other
}

#[test]
fn every_driver_holds_the_contract_over_every_lab() {
    let mut n_rendered = 0;
    for (name, overlays) in labs::LABS {
        let reading = labs::lab(name, overlays);
        for driver in DRIVERS {
            for thing in (driver.subjects)(&reading.lab) {
                let render = || (driver.render)(&reading.lab, thing);
                assert!(!render().files.is_empty(), "{name}: {} has no files", reading.lab.name(thing));
                let faults = conformance::faults(&render, &|| other(&render()));
                assert_eq!(
                    faults,
                    Vec::<String>::new(),
                    "{name}: {} by {}",
                    reading.lab.name(thing),
                    driver.name
                );
                n_rendered += 1;
            }
        }
    }
    assert!(n_rendered >= 17, "{n_rendered}");
}

/// A rendering does not depend on what was read before it: two readings of one lab give the same bytes.
#[test]
fn two_readings_give_the_same_bytes() {
    for (name, overlays) in labs::LABS {
        let (one, two) = (labs::lab(name, overlays), labs::lab(name, overlays));
        for driver in DRIVERS {
            for thing in (driver.subjects)(&one.lab) {
                assert_eq!((driver.render)(&one.lab, thing), (driver.render)(&two.lab, thing), "{name}");
            }
        }
    }
}

#[test]
fn no_secret_is_rendered() {
    for (name, overlays) in labs::LABS {
        let reading = labs::lab(name, overlays);
        for driver in DRIVERS {
            for thing in (driver.subjects)(&reading.lab) {
                for (path, file) in (driver.render)(&reading.lab, thing).files {
                    assert!(!file.text.contains("AGE-SECRET-KEY"), "{name}: {path}");
                    assert!(
                        !file.text.contains("neighbor") || !file.text.contains(" password "),
                        "{name}: {path}"
                    );
                }
            }
        }
    }
}
