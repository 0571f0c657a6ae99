//! What the owner claims of the lab, and the risks they take.

use crate::grammar::words::words;
use crate::grammar::{BitRate, Date, Period, Port};
use crate::lab::ZoneId;
use crate::record;
use crate::record::{Named, Ref, Refs, Text};
use crate::written::{Need, Promised, Reached};
use lab_source::Spanned;

words! {
    /// What is meant to be there after a failure.
    pub enum Keeps {
        /// No data is lost.
        Data = "data",
        /// Data can still be read and written.
        Storage = "storage",
        /// Copies are made anew in other places while what failed is away.
        Redundancy = "redundancy",
        /// The service answers.
        Service = "service",
        /// Machines reach each other.
        Network = "network",
        /// Machines have power.
        Power = "power",
    }
}

words! {
    /// What may fail.
    pub enum Failing {
        /// Drives.
        Drives = "drives",
        /// Machines.
        Hosts = "hosts",
        /// Virtual machines.
        Vms = "vms",
        /// Cables.
        Cables = "cables",
        /// Switches.
        Switches = "switches",
        /// Power supplies.
        Supplies = "supplies",
        /// Routers.
        Routers = "routers",
        /// Lines to the outside.
        Circuits = "circuits",
        /// The grid.
        Grid = "grid",
        /// Members of the clusters named in `of`.
        Members = "members",
        /// Any one part.
        Parts = "parts",
    }
}

record! {
    /// What the owner claims. It is proved or refuted.
    Promise {
        /// The claim in the owner's words.
        says (required): Option<Text>,
        /// Where it is said.
        from: Option<Text>,
        /// The claim in terms that can be proved.
        claim: Option<Claim>,
    }
}

record! {
    /// A claim that can be proved.
    Claim {
        /// How many may fail at once.
        survives: Option<Spanned<u32>>,
        /// What may fail. Default with `survives`: parts.
        of_any: Option<Spanned<Failing>>,
        /// The very things that fail.
        losing: Refs<Promised>,
        /// What must be there afterwards.
        keeps: Option<Spanned<Keeps>>,
        /// What the claim is about: services, pools, datasets, clusters.
        of: Refs<Promised>,
        /// How soon it must be back.
        within: Option<Spanned<Period>>,
        /// The zone that a claim about reachability is about.
        zone: Option<Ref<ZoneId>>,
        /// All that the zone may reach.
        reaches_only: Refs<Reached>,
        /// What the zone must reach.
        reaches: Refs<Reached>,
        /// What the zone must not reach.
        never_reaches: Refs<Reached>,
        /// On which ports.
        on: Vec<Spanned<Port>>,
        /// True when members of the zone do not reach each other.
        isolated: Option<Spanned<bool>>,
        /// Three copies, two media, one elsewhere.
        three_two_one: Option<Spanned<bool>>,
        /// At least one copy elsewhere that the owner controls.
        own_off_site: Option<Spanned<bool>>,
        /// The most data, in time, that is lost.
        rpo: Option<Spanned<Period>>,
        /// What the things named in `of` do without.
        without: Refs<Need>,
        /// What is counted, such as `hosts`.
        count: Option<Text>,
        /// How many there are.
        is: Option<Spanned<u32>>,
        /// True when all single points of failure are those named in `of`.
        only_single_points: Option<Spanned<bool>>,
        /// How long it runs on battery.
        battery: Option<Spanned<Period>>,
        /// True when what remains can carry everything after one machine is gone.
        fits_without_one: Option<Spanned<bool>>,
        /// True when it needs no hand after all power was gone.
        starts_alone: Option<Spanned<bool>>,
        /// True when everything in `of` that keeps something has a backup, and a time (`rto`) in which it is restored.
        restorable: Option<Spanned<bool>>,
        /// True when no certificate is signed by itself or by the lab's own authority.
        publicly_signed: Option<Spanned<bool>>,
        /// Roles that a service in use must play: `dns`, `logs`, `identity`.
        offers: Vec<Text>,
        /// The least speed of the ways between the machines that the things in `of` are on.
        speed: Option<Spanned<BitRate>>,
    }
}

record! {
    /// A risk that the owner takes. Its key is a name for it.
    AcceptedRisk {
        /// The code of the findings it accepts.
        code (required): Option<Text>,
        /// What the findings are about: `device/node-1`, or only the name; ranges and `*` may stand. All when absent.
        r#where: Vec<Text>,
        /// Why.
        because (required): Option<Text>,
        /// Until when. It is a finding afterwards.
        until: Option<Spanned<Date>>,
    }
}

record! {
    /// What is known beforehand of rehearsals.
    Rehearsal {
        /// Differences between prediction and box that are known and lived with. The key is a name for each.
        known: Named<KnownDifference>,
    }
}

record! {
    /// A difference between what is predicted and what a rehearsal sees that is known and lived with.
    KnownDifference {
        /// What fails, as reports of rehearsals name it: `circuit/fibre`, or `nothing` while all is well; `*` may stand. Anything when absent.
        fault: Option<Text>,
        /// What is asked, as `rehearse --dry-run` names it: `guests: photos by name`; `*` may stand. Anything when absent.
        probe: Option<Text>,
        /// Why it differs.
        because (required): Option<Text>,
    }
}
