//! A preseed file for the Debian installer (appendix B of its manual), complete: the installer asks nothing.
//!
//! The disk is found by its serial number among the kernel's own facts; none or several end the installation with a
//! report. The last step reports `installed`, which closes the permit.

use super::{AnswerError, Disk, Network, System};
use std::fmt::Write as _;

/// Kernel arguments: everything that the installer must know before it can fetch the rest.
pub const CMDLINE: &str = "auto=true priority=critical url={answer} interface=auto hostname={name} --- quiet";

/// The preseed file.
///
/// # Errors
/// When a word cannot be given to the installer, or nobody could log in afterwards.
pub fn preseed(system: &System) -> Result<String, AnswerError> {
    system.plain()?;
    if system.users.iter().all(|user| user.keys.is_empty()) {
        return Err(AnswerError::NoKeys);
    }
    let mut text = String::from("#_preseed_V1\n");
    let mut say = |question: &str, kind: &str, value: &str| {
        writeln!(text, "d-i {question} {kind} {value}").expect("writing to a string");
    };
    say("debian-installer/locale", "string", "en_US.UTF-8");
    say("debian-installer/country", "string", &system.country.to_uppercase());
    say("keyboard-configuration/xkb-keymap", "select", &system.keyboard);
    say("netcfg/get_hostname", "string", &system.hostname);
    say("netcfg/hostname", "string", &system.hostname);
    say("netcfg/get_domain", "string", system.domain.as_deref().unwrap_or("unassigned-domain"));
    // Told as soon as the file is read: from here on a failure is the installer's.
    say(
        "preseed/early_command",
        "string",
        "wget -q -O /dev/null --post-data=started {report}installer || true",
    );
    say("mirror/country", "string", "manual");
    say("mirror/protocol", "string", "http");
    say("mirror/http/hostname", "string", "deb.debian.org");
    say("mirror/http/directory", "string", "/debian");
    say("mirror/http/proxy", "string", "");
    say("passwd/root-login", "boolean", "true");
    // No password opens the account; keys do.
    say("passwd/root-password-crypted", "password", "!");
    say("passwd/make-user", "boolean", "false");
    say("clock-setup/utc", "boolean", "true");
    say("clock-setup/ntp", "boolean", "true");
    say("time/zone", "string", &system.timezone);
    say("partman/early_command", "string", &find_disk(&system.disk));
    say("partman-auto/method", "string", "regular");
    say("partman-auto/choose_recipe", "select", "atomic");
    say("partman-lvm/device_remove_lvm", "boolean", "true");
    say("partman-md/device_remove_md", "boolean", "true");
    say("partman-partitioning/confirm_write_new_label", "boolean", "true");
    say("partman/choose_partition", "select", "finish");
    say("partman/confirm", "boolean", "true");
    say("partman/confirm_nooverwrite", "boolean", "true");
    say("partman-efi/non_efi_system", "boolean", "true");
    say("apt-setup/cdrom/set-first", "boolean", "false");
    say("pkgsel/include", "string", "openssh-server sudo");
    say("pkgsel/upgrade", "select", "safe-upgrade");
    say("grub-installer/only_debian", "boolean", "true");
    say("grub-installer/force-efi-extra-removable", "boolean", "true");
    say("preseed/late_command", "string", &finish(system));
    say("finish-install/reboot_in_progress", "note", "");
    text.push_str("tasksel tasksel/first multiselect standard\n");
    text.push_str("popularity-contest popularity-contest/participate boolean false\n");
    Ok(text)
}

/// Finds the disk and tells partitioner and boot loader; reports and ends when it is not exactly one.
fn find_disk(disk: &Disk) -> String {
    let (wanted, words) = match disk {
        Disk::Serial(serial) => (
            format!(
                "s=$(tr -d ' ' 2>/dev/null < /sys/block/${{d##*/}}/device/serial || true); \
                 [ \"$s\" = '{serial}' ] || udevadm info --query=property --name=$d | \
                 grep -Eq '^ID_SERIAL(_SHORT)?=(.*_)?{serial}$' || continue;",
                serial = serial.replace('.', "\\.")
            ),
            format!("disks have serial number {serial}, not one"),
        ),
        Disk::Only => {
            (String::new(), "disks are there, and the lab says the serial number of none".to_owned())
        }
    };
    format!(
        "n=0; for d in $(list-devices disk); do {wanted} n=$((n+1)); t=$d; done; \
         if [ $n != 1 ]; then wget -q -O /dev/null --post-data=\"$n {words}\" {{report}}failed; \
         sleep 60; reboot; fi; debconf-set partman-auto/disk $t; debconf-set grub-installer/bootdev $t; \
         wget -q -O /dev/null --post-data=$t {{report}}partitioning"
    )
}

/// What is done in the new system before the first start: users, keys, network, and the report.
fn finish(system: &System) -> String {
    let mut steps = Vec::new();
    for user in &system.users {
        let name = &user.name;
        let home = if name == "root" { "/root".to_owned() } else { format!("/home/{name}") };
        if name != "root" {
            steps.push(format!("in-target useradd -m -s /bin/bash {name}"));
        }
        steps.push(format!("mkdir -p /target{home}/.ssh"));
        steps.push(format!(
            "printf '%s\\n' {} > /target{home}/.ssh/authorized_keys",
            user.keys.iter().map(|key| format!("'{key}'")).collect::<Vec<_>>().join(" ")
        ));
        steps.push(format!("in-target chown -R {name}: {home}/.ssh"));
        steps.push(format!("chmod 700 /target{home}/.ssh"));
        if user.admin && name != "root" {
            steps.push(format!("echo '{name} ALL=(ALL) NOPASSWD:ALL' > /target/etc/sudoers.d/{name}"));
            steps.push(format!("chmod 440 /target/etc/sudoers.d/{name}"));
        }
    }
    if let Network::Fixed { mac, address, gateway, dns } = &system.network {
        let gateway = gateway.map(|gateway| format!("\\n gateway {gateway}")).unwrap_or_default();
        steps.push(format!("i=$(grep -il {mac} /sys/class/net/*/address | head -n 1 | cut -d / -f 5)"));
        steps.push(format!(
            "printf 'auto lo\\niface lo inet loopback\\nauto %s\\niface %s inet static\\n address {address}{gateway}\\n' \
             $i $i > /target/etc/network/interfaces"
        ));
        if !dns.is_empty() {
            let lines: String = dns.iter().map(|server| format!("nameserver {server}\\n")).collect();
            steps.push(format!("printf '{lines}' > /target/etc/resolv.conf"));
        }
    }
    // Reported only when everything before it went well; else the permit stays open and the reason is told.
    format!(
        "if {}; then wget -q -O /dev/null --post-data=done {{report}}installed; \
         else wget -q -O /dev/null --post-data='the last step' {{report}}failed; fi",
        steps.join(" && ")
    )
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    fn value<'a>(text: &'a str, question: &str) -> &'a str {
        let line = text.lines().find(|line| line.split(' ').nth(1) == Some(question)).expect(question);
        line.splitn(4, ' ').nth(3).expect("a value")
    }

    #[test]
    fn the_file_says_everything_of_the_machine() {
        let text = preseed(&example()).expect("a file");
        assert_eq!(value(&text, "netcfg/get_hostname"), "node-1");
        assert_eq!(value(&text, "netcfg/get_domain"), "home.example");
        assert_eq!(value(&text, "time/zone"), "Europe/Vienna");
        let disk = value(&text, "partman/early_command");
        assert!(disk.contains("'ABCD1234'") && disk.contains("[ $n != 1 ]"), "{disk}");
        let late = value(&text, "preseed/late_command");
        for part in [
            "useradd -m -s /bin/bash ada",
            "'ssh-ed25519 AAAAC3Nzaada ada@home' > /target/home/ada/.ssh/authorized_keys",
            "ada ALL=(ALL) NOPASSWD:ALL",
            "address 10.0.20.11/24\\n gateway 10.0.20.1",
            "nameserver 10.0.20.2",
        ] {
            assert!(late.contains(part), "`{part}` is not in {late}");
        }
        assert!(!late.contains("bob ALL="));
        assert!(late.find("then wget") > late.find("resolv.conf"), "the report is the last step");
    }

    /// The commands are read by a shell on a machine far away: at least a shell must be able to read them.
    #[test]
    fn a_shell_can_read_the_commands() {
        for disk in [Disk::Only, Disk::Serial("A.B-1".into())] {
            let system = System { disk, ..example() };
            let text = preseed(&system).expect("a file");
            for question in ["partman/early_command", "preseed/late_command"] {
                let script = value(&text, question);
                let checked =
                    std::process::Command::new("sh").args(["-n", "-c", script]).output().expect("sh");
                assert!(checked.status.success(), "{script}: {}", String::from_utf8_lossy(&checked.stderr));
            }
        }
    }

    #[test]
    fn nobody_is_locked_out() {
        let mut system = example();
        system.users.iter_mut().for_each(|user| user.keys.clear());
        assert_eq!(preseed(&system), Err(AnswerError::NoKeys));
    }
}
