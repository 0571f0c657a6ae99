//! What a rule is.

use crate::context::Context;
use lab_source::{Code, Severity};

/// What a rule is about; a folder under `rules/`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Family {
    /// Prefixes, addresses, DHCP.
    Addressing,
    /// VLANs, private VLANs, aggregates, zones, routing, takeover.
    Switching,
    /// Cables, media, speeds, transceivers.
    Cabling,
    /// Racks, bays, slots.
    Rack,
    /// Power.
    Power,
    /// Pools, drives, shares, volumes.
    Storage,
    /// Hosts, virtual machines, clusters, placement.
    Compute,
    /// Secrets, certificates, exposure.
    Security,
    /// Backups.
    Backup,
    /// Names.
    Names,
    /// Accepted risks, promises, unknown facts, ends of life.
    Policy,
}

impl Family {
    /// All families in the order of the manual.
    pub const ALL: &'static [Self] = &[
        Self::Addressing,
        Self::Switching,
        Self::Cabling,
        Self::Rack,
        Self::Power,
        Self::Storage,
        Self::Compute,
        Self::Security,
        Self::Backup,
        Self::Names,
        Self::Policy,
    ];

    /// The family's name in the manual.
    pub fn title(self) -> &'static str {
        match self {
            Self::Addressing => "Addresses and prefixes",
            Self::Switching => "VLANs, aggregates, zones and routing",
            Self::Cabling => "Cables and links",
            Self::Rack => "Racks, bays and slots",
            Self::Power => "Power",
            Self::Storage => "Storage",
            Self::Compute => "Machines and clusters",
            Self::Security => "Secrets, certificates and exposure",
            Self::Backup => "Backups",
            Self::Names => "Names",
            Self::Policy => "Promises, accepted risks and unknown facts",
        }
    }
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// The code of its findings.
    pub code: Code,
    /// How bad they are.
    pub severity: Severity,
    /// What it is about.
    pub family: Family,
    /// One line: what is found.
    pub summary: &'static str,
    /// Its page: manual and test in one. See `rules/README.md`.
    pub page: &'static str,
    /// Looks for findings.
    pub check: fn(&mut Context<'_>),
}

/// Declares the rule of a file: code, severity, family, summary. The page is `rules/CODE.md`; the function is `check`.
macro_rules! rule {
    ($code:literal, $severity:ident, $family:ident, $summary:literal) => {
        pub(crate) const RULE: $crate::rule::Rule = $crate::rule::Rule {
            code: lab_source::Code($code),
            severity: lab_source::Severity::$severity,
            family: $crate::rule::Family::$family,
            summary: $summary,
            page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/", $code, ".md")),
            check,
        };
    };
}
pub(crate) use rule;
