//! The image that machines are installed with: a small Debian, its kernel and the installer's initial file system,
//! made once from Debian's packages, kept in a cache, and the same for every machine. What differs between machines is
//! in [`personal`].
//!
//! Neither mounts nor loop devices are used. A build works in a folder of its own that is renamed when it is complete,
//! so that a killed build leaves no half image; a lock, held by every tool of the build, keeps two builds apart.

mod boot;
mod cpio;
mod disk;
mod initramfs;
pub(crate) mod personal;
mod tree;

use crate::tool::{Tool, ToolError};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

const INIT: &str = include_str!("assets/init.sh");
const DHCP: &str = include_str!("assets/dhcp.sh");
const START: &str = include_str!("assets/start.sh");
const INITTAB: &str = include_str!("assets/inittab");
const SSHD: &str = include_str!("assets/sshd.conf");
const GRUB: &str = include_str!("assets/grub.cfg");
/// Raised when the steps of the build change in a way that no asset shows.
const RECIPE: &str = "2";

/// A finished image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Linux kernel, for booting over the network.
    pub kernel: PathBuf,
    /// Initial file system with the installer.
    pub initrd: PathBuf,
    /// The whole disk, compressed with zstd.
    pub disk: PathBuf,
    /// SHA-256 of `disk`, hexadecimal.
    pub sha256: String,
    /// The files of the system for machines without a disk: a tar archive compressed with zstd.
    pub root: PathBuf,
    /// SHA-256 of `root`, hexadecimal.
    pub root_sha256: String,
    /// Bytes of the disk when unpacked.
    pub size_bytes: u64,
}

/// An image that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// A program failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// A file could not be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file of Debian's is not as expected.
    #[error("{what} is not as expected: {why}")]
    Unexpected {
        /// The file.
        what: String,
        /// What is wrong.
        why: String,
    },
}

impl ImageError {
    fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ImageError {
        move |source| ImageError::File { action, path: path.to_owned(), source }
    }
}

/// Images kept in a folder.
#[derive(Clone, Debug)]
pub struct ImageStore {
    root: PathBuf,
}

impl ImageStore {
    /// A store in `root`, which is made when needed.
    pub fn new(root: impl Into<PathBuf>) -> ImageStore {
        ImageStore { root: root.into() }
    }

    /// The image, when it is complete.
    pub fn cached(&self) -> Option<Image> {
        read_image(&self.image_folder())
    }

    /// The image, made when it is not there. `step` is told what is being done, in words.
    ///
    /// # Errors
    /// A tool that failed, or a file that could not be written (a full disk, for example); nothing half is left.
    pub fn ensure(&self, step: &dyn Fn(&str)) -> Result<Image, ImageError> {
        if let Some(image) = self.cached() {
            return Ok(image);
        }
        fs::create_dir_all(&self.root).map_err(ImageError::file("make", &self.root))?;
        let lock = self.lock(step)?;
        // Somebody else may have made it while we waited.
        if let Some(image) = self.cached() {
            return Ok(image);
        }
        let result = self.build(&lock, step);
        self.sweep()?;
        result
    }

    fn build(&self, lock: &File, step: &dyn Fn(&str)) -> Result<Image, ImageError> {
        self.sweep()?;
        let base = self.root.join(format!("debian-{}", tree::key()));
        if !base.exists() {
            step("making a small Debian from packages, once; it takes about a minute");
            let work = self.work("debian")?;
            tree::bootstrap(&work.join("tree"), lock)?;
            fs::rename(work.join("tree"), &base).map_err(ImageError::file("make", &base))?;
        }
        step("making the installer and the disk image");
        let work = self.work("image")?;
        let kernel = tree::kernel(&base)?;
        fs::copy(base.join("boot").join(format!("vmlinuz-{kernel}")), work.join("vmlinuz"))
            .map_err(ImageError::file("copy the kernel to", &work))?;
        initramfs::write(&base, &kernel, &work.join("initrd.img"))?;
        let size_bytes = disk::write(&base, &work)?;
        let hash = |name: &str| -> Result<String, ImageError> {
            let digest = Tool::new("sha256sum").arg(work.join(name)).run()?;
            Ok(digest.split(' ').next().unwrap_or_default().to_owned())
        };
        write_manifest(&work, [&hash("disk.zst")?, &hash("root.tar.zst")?], size_bytes)?;
        let folder = self.image_folder();
        remove(&folder)?;
        fs::rename(&work, &folder).map_err(ImageError::file("make", &folder))?;
        self.forget_others(&[&base, &folder])?;
        read_image(&folder).ok_or_else(|| ImageError::Unexpected {
            what: folder.display().to_string(),
            why: "the image just made is not complete".into(),
        })
    }

    /// Names the image that this version of the program makes.
    pub(crate) fn key() -> String {
        let assets = [INIT, DHCP, START, INITTAB, SSHD, GRUB];
        let recipes = [RECIPE, &tree::key(), &tree::recipe(), &initramfs::recipe(), &disk::recipe()];
        digest_of(&[&assets[..], &recipes].concat())
    }

    fn image_folder(&self) -> PathBuf {
        self.root.join(format!("image-{}", ImageStore::key()))
    }

    fn work(&self, what: &str) -> Result<PathBuf, ImageError> {
        let folder = self.root.join(format!(".building-{what}"));
        remove(&folder)?;
        fs::create_dir_all(&folder).map_err(ImageError::file("make", &folder))?;
        Ok(folder)
    }

    /// Removes trees and images that other versions of this program made, so that the cache does not grow.
    fn forget_others(&self, keep: &[&Path]) -> Result<(), ImageError> {
        let listing = fs::read_dir(&self.root).map_err(ImageError::file("list", &self.root))?;
        for path in listing.flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_ours = name.starts_with("image-") || name.starts_with("debian-");
            if is_ours && !keep.contains(&path.as_path()) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Removes what killed or failed builds left.
    fn sweep(&self) -> Result<(), ImageError> {
        let listing = fs::read_dir(&self.root).map_err(ImageError::file("list", &self.root))?;
        for entry in listing.flatten() {
            if entry.file_name().to_string_lossy().starts_with(".building-") {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Waits until no other build works in this store. Beside the guard, every tool that was given the file holds it.
    fn lock(&self, step: &dyn Fn(&str)) -> Result<Flock<File>, ImageError> {
        let path = self.root.join("lock");
        let file = File::create(&path).map_err(ImageError::file("make", &path))?;
        let taken = Flock::lock(file, FlockArg::LockExclusiveNonblock).or_else(|(file, error)| match error {
            Errno::EWOULDBLOCK => {
                step("waiting for another build of the image");
                Flock::lock(file, FlockArg::LockExclusive)
            }
            other => Err((file, other)),
        });
        taken.map_err(|(_, error)| ImageError::file("lock", &path)(error.into()))
    }
}

/// First 16 hexadecimal digits of the SHA-256 of some texts with their lengths.
pub(crate) fn digest_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn remove(folder: &Path) -> Result<(), ImageError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(ImageError::file("remove", folder)(error))
        }
        _ => Ok(()),
    }
}

const FILES: [&str; 4] = ["vmlinuz", "initrd.img", "disk.zst", "root.tar.zst"];

fn write_manifest(folder: &Path, [disk, root]: [&str; 2], size_bytes: u64) -> Result<(), ImageError> {
    let mut lengths = serde_json::Map::new();
    for name in FILES {
        let path = folder.join(name);
        let length = fs::metadata(&path).map_err(ImageError::file("read", &path))?.len();
        lengths.insert(name.to_owned(), json!(length));
    }
    let text = json!({
        "version": 1, "sha256": disk, "root_sha256": root, "size_bytes": size_bytes, "files": lengths,
    });
    let path = folder.join("image.json");
    fs::write(&path, text.to_string()).map_err(ImageError::file("write", &path))
}

/// The image of a folder; none when a file is missing or has another length than when it was made.
fn read_image(folder: &Path) -> Option<Image> {
    let manifest: Value = serde_json::from_str(&fs::read_to_string(folder.join("image.json")).ok()?).ok()?;
    let whole = |name: &str| {
        let length = fs::metadata(folder.join(name)).ok()?.len();
        (manifest["files"][name].as_u64() == Some(length)).then(|| folder.join(name))
    };
    Some(Image {
        kernel: whole("vmlinuz")?,
        initrd: whole("initrd.img")?,
        disk: whole("disk.zst")?,
        sha256: manifest["sha256"].as_str()?.to_owned(),
        root: whole("root.tar.zst")?,
        root_sha256: manifest["root_sha256"].as_str()?.to_owned(),
        size_bytes: manifest["size_bytes"].as_u64()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(lengths: [usize; 4]) -> (tempfile::TempDir, ImageStore) {
        let root = tempfile::tempdir().unwrap();
        let store = ImageStore::new(root.path());
        let folder = store.image_folder();
        fs::create_dir_all(&folder).unwrap();
        for (name, length) in FILES.iter().zip(lengths) {
            fs::write(folder.join(name), vec![0; length]).unwrap();
        }
        write_manifest(&folder, ["ab", "cd"], 7).unwrap();
        (root, store)
    }

    #[test]
    fn a_complete_image_is_found_without_building() {
        let (_root, store) = stored([1, 2, 3, 4]);
        let image = store.ensure(&|step| panic!("built: {step}")).unwrap();
        assert_eq!((image.sha256.as_str(), image.size_bytes), ("ab", 7));
    }

    #[test]
    fn a_truncated_or_lost_file_makes_the_image_absent() {
        let (_root, store) = stored([1, 2, 3, 4]);
        let disk = store.image_folder().join("disk.zst");
        fs::write(&disk, "12").unwrap();
        assert_eq!(store.cached(), None);
        fs::remove_file(&disk).unwrap();
        assert_eq!(store.cached(), None);
    }

    #[test]
    fn leftovers_of_killed_builds_are_swept() {
        let (root, store) = stored([1, 2, 3, 4]);
        let left = root.path().join(".building-image");
        fs::create_dir_all(left.join("deep")).unwrap();
        store.sweep().unwrap();
        assert!(!left.exists() && store.cached().is_some());
    }

    #[test]
    fn what_other_versions_made_is_forgotten() {
        let (root, store) = stored([1, 2, 3, 4]);
        for name in ["image-0000", "debian-0000", "boxes"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        store.forget_others(&[&store.image_folder()]).unwrap();
        assert!(store.cached().is_some() && root.path().join("boxes").exists());
        assert!(!root.path().join("image-0000").exists() && !root.path().join("debian-0000").exists());
    }

    #[test]
    fn a_digest_tells_where_one_text_ends() {
        assert_ne!(digest_of(&["ab", "c"]), digest_of(&["a", "bc"]));
        assert_eq!(digest_of(&["ab"]).len(), 16);
    }
}
