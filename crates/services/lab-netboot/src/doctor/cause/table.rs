//! What it usually means that a machine stops somewhere, and what to do: meaning and remedy, likeliest first.
//!
//! One constant for each variant of [`crate::doctor::Stop`] that means the same in every lab.

/// Meanings with their remedies.
pub(super) type Pairs = &'static [(&'static str, &'static str)];

pub(super) const NEVER_SEEN: Pairs = &[
    (
        "The machine is off, or booting over the network is off or stands behind the disk in its firmware.",
        "Switch network boot (PXE) on in the firmware and put it first, or choose it once in its boot menu.",
    ),
    (
        "The cable is in another port, or the link is down.",
        "Look at the lights of the port; `labwright show` draws where the cable should be.",
    ),
    (
        "The switch port is in another VLAN than the one that is served.",
        "Compare the port's untagged VLAN with the lab; network boot never sends tags by itself.",
    ),
    (
        "The switch holds the port back for half a minute (spanning tree), and the firmware gives up before.",
        "Make the port an edge port (portfast).",
    ),
    (
        "Its card has another address than the lab says.",
        "Read it off the firmware's screen; unknown cards are told by the running service.",
    ),
];

pub(super) const UNKNOWN: Pairs = &[(
    "It is a new machine, or its card was exchanged.",
    "Add the card as `mac` to a host's interface, check the lab, and start the service again.",
)];

pub(super) const REFUSED: Pairs = &[(
    "The service has a rule against it, named above.",
    "Change what the reason names; a pool without free addresses wants a larger range in the lab.",
)];

pub(super) const WRONG_KIND: Pairs = &[
    (
        "The lab describes another processor or firmware than the machine has.",
        "Correct `cpu.architecture` or `firmware`, or switch the firmware between BIOS and UEFI.",
    ),
    (
        "UEFI HTTP boot was chosen where only PXE is prepared.",
        "Choose PXE (IPv4) in the firmware's boot menu.",
    ),
];

pub(super) const RUNS_ALREADY: Pairs = &[
    (
        "It starts from its disk before it tries the network.",
        "Put the network first in its firmware, or choose it once in its boot menu.",
    ),
    ("Its network boot is off.", "Switch network boot (PXE) on."),
];

pub(super) const NO_REQUEST: Pairs = &[
    (
        "Another server's offer pleased it more: a second DHCP or ProxyDHCP server is on this network.",
        "Look for one, and stop it or start with `--proxy`.",
    ),
    (
        "Our answer did not arrive: the way back leads through another VLAN, or a firewall drops UDP port 68.",
        "Capture on this machine with `tcpdump -ni INTERFACE port 67 or port 68` and look at which side is silent.",
    ),
    (
        "A relay agent passes requests on and not the answers.",
        "Let the relay name this machine's address, and let port 67 through in both directions.",
    ),
    (
        "The firmware wants boot information in the offer and saw none that it likes.",
        "Look at what was offered above; older UEFI takes no answers from a ProxyDHCP server.",
    ),
];

pub(super) const DENIED: Pairs = &[(
    "It still has an address from another network or from another server.",
    "Nothing need be done: it asks anew. When it repeats, take away the other server or give it a reservation.",
)];

pub(super) const NO_FETCH: Pairs = &[
    (
        "Its request does not arrive: a firewall drops UDP port 69, or the high ports of the answer.",
        "Let UDP port 69 in on this machine; TFTP answers come from another port.",
    ),
    (
        "The address it got cannot reach us: wrong netmask, or another network.",
        "Ping it from here while it shows its address.",
    ),
    ("Another server told it another boot server.", "Look for a second server that answers PXE clients."),
];

pub(super) const FILE_MISSING: Pairs = &[
    (
        "The file is not among what is served.",
        "`labwright netboot fetch` gets what comes from vendors; iPXE's programs come with the Debian package ipxe.",
    ),
    (
        "The machine asks for a name of its own, from an older setting in its firmware or from another server's answer.",
        "Look at where the name comes from: our answers are in the timeline above.",
    ),
];

pub(super) const TFTP_SILENT: Pairs = &[
    (
        "A firewall lets the first packet through and not the rest: the data comes from a port other than 69.",
        "Let UDP through between this machine and the client, or load the TFTP helper of the firewall on the way.",
    ),
    (
        "Packets of full size are lost: the MTU on the way is smaller than 1500.",
        "Test with `ping -M do -s 1472 ADDRESS`; mend the MTU of the VLAN, tunnel or bridge on the way.",
    ),
    ("The machine was switched off or its link went down.", "Look at its screen and its port."),
];

pub(super) const LOADER_DEAD: Pairs = &[
    (
        "The program hung while it started: some BIOS network stacks cannot be used after the handover.",
        "Try UEFI, or another boot program (ipxe.pxe brings drivers of its own).",
    ),
    (
        "The machine has too little memory below 640 KiB, or its card's ROM is old.",
        "Update the firmware of machine and card.",
    ),
];

pub(super) const LOADER_DEAD_UEFI: Pairs = &[
    (
        "Secure Boot is on, and the boot program is not signed by a key that the firmware knows.",
        "Switch Secure Boot off for the installation.",
    ),
    (
        "The program is for another processor than the firmware.",
        "Compare the architecture in the lab with the machine.",
    ),
    ("The program hung in the firmware's network driver.", "Update the firmware; try the other boot mode."),
];

pub(super) const NO_SCRIPT: Pairs = &[
    ("HTTP does not arrive: a firewall drops TCP port 80.", "Let TCP port 80 in on this machine."),
    (
        "iPXE has no driver or no link for the card after the handover.",
        "Look at the machine's screen for `Link:down` or `No more network devices`.",
    ),
    (
        "A second server's answer reached iPXE first and sent it elsewhere.",
        "Look for a second server that answers PXE clients.",
    ),
];

pub(super) const NO_KERNEL: Pairs = &[
    (
        "The machine was switched off, or the transfer failed; its screen says `loading failed`.",
        "Look at its screen; it tries again by itself.",
    ),
    ("The kernel is not signed and Secure Boot is on.", "Switch Secure Boot off for the installation."),
];

pub(super) const NO_INITRD: Pairs = &[
    (
        "The machine has too little memory for kernel and initial file systems.",
        "Give it more; the installer wants 1 GiB at least.",
    ),
    (
        "The transfer broke off; its screen says `loading failed`.",
        "Look at its screen; it tries again by itself.",
    ),
];

pub(super) const NO_INSTALLER: Pairs = &[
    (
        "The kernel has no driver for the network card.",
        "Look at the machine's screen or serial console; firmware for some cards is a package of its own.",
    ),
    (
        "The kernel stopped early, for lack of memory or for the processor.",
        "Look at the machine's screen or serial console for the last lines.",
    ),
    (
        "The installer waits for an answer on the screen.",
        "Look at its screen; an answer that it did not get is named there.",
    ),
];

pub(super) const BROKEN: Pairs = &[
    ("The machine was switched off or its link went down.", "Look at its screen and its port."),
    ("The machine ran out of memory or its disk refused to write.", "Look at its screen or serial console."),
];

pub(super) const NO_REPORT: Pairs = &[
    (
        "It is still writing: a slow disk takes minutes after the last byte was fetched.",
        "Wait, and look at the machine's screen.",
    ),
    (
        "The installer failed after the transfer, or cannot reach us any more.",
        "Look at its screen; `installed` is posted to us by HTTP when it is done.",
    ),
    (
        "The image's checksum was wrong, and it refused to start from it.",
        "Look at its screen; make or fetch the image anew.",
    ),
];

pub(super) const FAILED: Pairs = &[(
    "The installer says why, above.",
    "Mend that and start the machine again over the network; its permit is still open.",
)];

pub(super) const INSTALLED: Pairs = &[(
    "All is well: its permit is closed, and it starts from its disk.",
    "When it boots over the network again and again, put its disk first in the firmware.",
)];

pub(super) const PI_NO_FILES: Pairs = &[
    (
        "The Pi asked for its files and they did not arrive: a firewall drops UDP port 69.",
        "Let UDP port 69 in on this machine.",
    ),
    (
        "A Pi 3 B sleeps after five tries and answers no ARP while it loads.",
        "Switch it off and on; keep it in the same network as this machine, without a relay.",
    ),
    (
        "The EEPROM of a Pi 4 or 5 is old or set to another boot order.",
        "Update it with `rpi-eeprom-update`, and set BOOT_ORDER to 0xf21 or the like.",
    ),
];

pub(super) const PI_LOADING: Pairs = &[
    (
        "A file that it needs is not in the folder; files that were refused are in the timeline.",
        "Compare the folder with `/boot/firmware` of a Pi that runs.",
    ),
    (
        "The kernel found no root: its command line is in cmdline.txt.",
        "Look at its screen or serial console.",
    ),
];

pub(super) const STAGE: Pairs =
    &[("It is on its way, or stopped after that.", "Look at its screen; nothing more was heard.")];
