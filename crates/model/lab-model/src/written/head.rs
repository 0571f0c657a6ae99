//! What holds for the lab as a whole, and the documents its facts are from.

use crate::grammar::{DnsName, EnergyPrice, Period, Volts, Watts};
use crate::record;
use crate::record::{Named, Text};
use lab_source::Spanned;

record! {
    /// What the lab is called and what holds for all of it.
    LabHead {
        /// The lab's name.
        name (required): Option<Text>,
        /// What it is, in a sentence.
        description: Option<Text>,
        /// Version of this format; `1` is the only one.
        format: Option<Spanned<u32>>,
        /// Who owns it.
        owner: Option<Text>,
        /// The domain that names inside the lab end in.
        domain: Option<Spanned<DnsName>>,
        /// Further domains of the lab, such as one that the public can resolve.
        domains: Vec<Spanned<DnsName>>,
        /// Naming grammar by kind: `hosts: "{os}-{purpose}-{number}"`. Words in braces match one part
        /// or several, `{number}` digits. `check` holds the names to it.
        names: Named<Text>,
        /// Time zone of the schedules, as in the tz database.
        timezone: Option<Text>,
        /// Price of electricity.
        energy_price: Option<Spanned<EnergyPrice>>,
        /// Voltage of outlets where nothing else is said.
        voltage: Option<Spanned<Volts>>,
        /// Measured draw of everything together, for comparison with the sum of the parts.
        measured_draw: Option<Spanned<Watts>>,
        /// Folders with device types in the community library's layout, relative to this folder.
        device_types: Vec<Text>,
        /// Folders and files of this repository that are not part of the description.
        ignore: Vec<Text>,
        /// How long before a date such as an end of life `check` begins to speak of it. Default: 90 d.
        warn_before: Option<Spanned<Period>>,
    }
}

record! {
    /// A document that facts are from.
    Source short title {
        /// Its title, or what it is.
        title (required): Option<Text>,
        /// Where it can be read.
        url: Option<Text>,
        /// Its date or revision.
        revision: Option<Text>,
    }
}

record! {
    /// Which keys the secrets of this repository are encrypted to.
    Secrets {
        /// The recipients by name.
        recipients: Named<Recipient>,
        /// Which recipients each group of files must be encrypted to: a path pattern such as `kubernetes/**`.
        rules: Named<SecretRule>,
    }
}

record! {
    /// A public key that secrets are encrypted to.
    Recipient short key {
        /// The age recipient, `age1...`, or an SSH public key.
        key (required): Option<Text>,
        /// Who or what holds the private key, and where.
        held_by: Option<Text>,
    }
}

record! {
    /// Which recipients a group of files must be encrypted to.
    SecretRule short recipients {
        /// Names of recipients.
        recipients (required): Vec<Text>,
    }
}

impl Secrets {
    /// The first rule that covers a file, as SOPS takes the first of its own.
    pub fn rule_for(&self, path: &str) -> Option<(&crate::record::Name, &SecretRule)> {
        self.rules.iter().find(|(pattern, _)| crate::grammar::path_matches(&pattern.text, path))
    }
}
