//! The Debian tree: made from packages by mmdebstrap, and cut down to what an installed machine holds.

use super::{INITTAB, ImageError, SSHD, START, digest_of};
use crate::tool::Tool;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

const SUITE: &str = "bookworm";
/// Beyond essential packages and apt.
const PACKAGES: [&str; 10] = [
    "busybox-static",
    "e2fsprogs",
    "fdisk",
    "ifupdown",
    "iproute2",
    "iputils-ping",
    "kmod",
    "openssh-server",
    "usr-is-merged",
    "zstd",
];
/// Makes the tree with /bin and the like as links before the first package, so that usrmerge, which brings all of perl,
/// is not needed for it.
const MERGED: &str = "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr";
/// Not unpacked: manuals and translations. Licences stay.
const EXCLUDE: [&str; 5] = [
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
];
/// Kernel modules that a machine without such hardware never loads.
const UNUSED_MODULES: [&str; 20] = [
    "drivers/ata",
    "drivers/comedi",
    "drivers/hid",
    "drivers/hv",
    "drivers/infiniband",
    "drivers/md",
    "drivers/misc",
    "drivers/net/ethernet",
    "drivers/nvme",
    "drivers/scsi",
    "drivers/target",
    "fs/btrfs",
    "fs/ceph",
    "fs/orangefs",
    "fs/smb",
    "fs/xfs",
    "net/ceph",
    "net/rds",
    "net/smc",
    "net/tipc",
];
const KERNEL: &str = include_str!("assets/kernel.sh");

/// Changes when the tree would.
pub(super) fn key() -> String {
    digest_of(&[&[SUITE, KERNEL], &PACKAGES[..], &EXCLUDE[..]].concat())
}

/// Makes the tree in `folder`, beside which its hook is written; its tools hold `lock`.
pub(super) fn bootstrap(folder: &Path, lock: &File) -> Result<(), ImageError> {
    let hook = folder.with_extension("kernel");
    fs::write(&hook, KERNEL).map_err(ImageError::file("write", &hook))?;
    fs::set_permissions(&hook, Permissions::from_mode(0o755)).map_err(ImageError::file("open", &hook))?;
    let tool = Tool::new("mmdebstrap")
        .args(["--quiet", "--variant=minbase", "--mode=root", "--format=directory", MERGED])
        .arg("--aptopt=Acquire::Languages \"none\"")
        .args(EXCLUDE.map(|option| format!("--dpkgopt={option}")))
        .arg(format!("--include={}", PACKAGES.join(",")))
        .arg(format!("--customize-hook={}", hook.display()))
        .arg(SUITE)
        .arg(folder)
        .env("SOURCE_DATE_EPOCH", "1700000000");
    tool.holding(lock).map_err(ImageError::file("open the lock for", folder))?.run()?;
    Ok(())
}

/// What is cut away, for the image's key.
pub(super) fn recipe() -> String {
    UNUSED_MODULES.join(" ")
}

/// The version of the one kernel in `base`.
pub(super) fn kernel(base: &Path) -> Result<String, ImageError> {
    let modules = base.join("usr/lib/modules");
    let listing = fs::read_dir(&modules).map_err(ImageError::file("list", &modules))?;
    let versions: Vec<String> =
        listing.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    match &versions[..] {
        [version] => Ok(version.clone()),
        several => Err(ImageError::Unexpected {
            what: modules.display().to_string(),
            why: format!("one kernel was expected, found {}", several.len()),
        }),
    }
}

/// Makes in `folder` the tree that goes to the machines. Files are shared with `base`, so none may be written in place.
pub(super) fn cut(base: &Path, folder: &Path) -> Result<(), ImageError> {
    Tool::new("cp").args(["-a", "--link"]).arg(base).arg(folder).run()?;
    let modules = format!("usr/lib/modules/{}/kernel", kernel(base)?);
    let emptied = ["boot", "dev", "run", "tmp", "var/cache/apt", "var/lib/apt/lists"];
    for name in emptied {
        let path = folder.join(name);
        super::remove(&path)?;
        fs::create_dir_all(&path).map_err(ImageError::file("make", &path))?;
    }
    for name in UNUSED_MODULES {
        super::remove(&folder.join(&modules).join(name))?;
    }
    fs::set_permissions(folder.join("tmp"), Permissions::from_mode(0o1777))
        .map_err(ImageError::file("open", folder))?;
    // Keys are given to each machine; those that the package made must not be everybody's.
    for kind in ["rsa", "ecdsa", "ed25519"] {
        for end in ["", ".pub"] {
            replace(folder, &format!("etc/ssh/ssh_host_{kind}_key{end}"), None, 0)?;
        }
    }
    replace(folder, "etc/labwright/start", Some(START), 0o755)?;
    replace(folder, "etc/inittab", Some(INITTAB), 0o644)?;
    replace(folder, "etc/ssh/sshd_config.d/labwright.conf", Some(SSHD), 0o644)?;
    replace(folder, "etc/fstab", Some("LABEL=LWROOT / ext4 noatime 0 0\n"), 0o644)?;
    for name in ["init", "reboot", "poweroff", "halt"] {
        let path = folder.join("usr/sbin").join(name);
        replace(folder, &format!("usr/sbin/{name}"), None, 0)?;
        symlink("/bin/busybox", &path).map_err(ImageError::file("make", &path))?;
    }
    Ok(())
}

/// Removes a file and, given a text, makes it anew.
fn replace(folder: &Path, name: &str, text: Option<&str>, mode: u32) -> Result<(), ImageError> {
    let path = folder.join(name);
    if path.symlink_metadata().is_ok() {
        fs::remove_file(&path).map_err(ImageError::file("remove", &path))?;
    }
    let Some(text) = text else { return Ok(()) };
    let parent = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(parent).map_err(ImageError::file("make", parent))?;
    fs::write(&path, text).map_err(ImageError::file("write", &path))?;
    fs::set_permissions(&path, Permissions::from_mode(mode)).map_err(ImageError::file("open", &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_does_not_write_through_a_shared_file() {
        let root = tempfile::tempdir().unwrap();
        let (base, tree) = (root.path().join("base"), root.path().join("tree"));
        fs::create_dir_all(base.join("etc")).unwrap();
        fs::create_dir_all(tree.join("etc")).unwrap();
        fs::write(base.join("etc/fstab"), "old").unwrap();
        fs::hard_link(base.join("etc/fstab"), tree.join("etc/fstab")).unwrap();
        replace(&tree, "etc/fstab", Some("new"), 0o644).unwrap();
        assert_eq!(fs::read_to_string(base.join("etc/fstab")).unwrap(), "old");
        assert_eq!(fs::read_to_string(tree.join("etc/fstab")).unwrap(), "new");
    }

    #[test]
    fn exactly_one_kernel_is_expected() {
        let root = tempfile::tempdir().unwrap();
        let modules = root.path().join("usr/lib/modules");
        fs::create_dir_all(modules.join("6.1.0-1-cloud-amd64")).unwrap();
        assert_eq!(kernel(root.path()).unwrap(), "6.1.0-1-cloud-amd64");
        fs::create_dir_all(modules.join("6.1.0-2-cloud-amd64")).unwrap();
        assert!(kernel(root.path()).is_err());
    }
}
