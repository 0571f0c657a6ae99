//! The disk image: a GPT with BIOS boot partition, EFI system partition and root, filled from folders by the file
//! systems' own tools, without loop devices and mounts.

use super::{GRUB, ImageError, boot, tree};
use crate::tool::Tool;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

const MIB: u64 = 1024 * 1024;
const BOOT_IMAGE: &str = "/usr/lib/grub/i386-pc/boot.img";
/// Where the EFI system partition starts: after 1 MiB of table and 1 MiB of BIOS boot partition.
const ESP_MIB: u64 = 2;

/// What decides the layout beside the files.
pub(super) fn recipe() -> String {
    layout(1, 1)
}

/// Makes `disk.zst` and `root.tar.zst`, the same files for machines without a disk, in `work`, where kernel and initial file system already are. Returns the unpacked size in bytes.
pub(super) fn write(base: &Path, work: &Path) -> Result<u64, ImageError> {
    boot::make(work)?;
    let esp_mib = make_esp(work)?;
    let root_mib = make_root(base, work)?;
    let image = work.join("disk.img");
    // One more MiB at the end: the backup of the partition table.
    let size_bytes = (ESP_MIB + esp_mib + root_mib + 1) * MIB;
    let mut disk = File::create_new(&image).map_err(ImageError::file("make", &image))?;
    disk.set_len(size_bytes).map_err(ImageError::file("size", &image))?;
    Tool::new("sfdisk").arg("-q").arg(&image).input(layout(esp_mib, root_mib)).run()?;
    fill(&mut disk, ESP_MIB * MIB, &work.join("esp.img"))?;
    fill(&mut disk, (ESP_MIB + esp_mib) * MIB, &work.join("root.img"))?;
    write_boot_code(&mut disk, work).map_err(ImageError::file("write", &image))??;
    drop(disk);
    Tool::new("zstd")
        .args(["-q", "-f", "-3", "--rm"])
        .arg(&image)
        .arg("-o")
        .arg(work.join("disk.zst"))
        .run()?;
    for name in ["esp.img", "root.img", "core.img", "grub.efi", "early.cfg", "grub.cfg"] {
        let path = work.join(name);
        fs::remove_file(&path).map_err(ImageError::file("remove", &path))?;
    }
    let tree = work.join("tree");
    Tool::new("tar")
        .args(["--numeric-owner", "-I", "zstd -q -3", "-cf"])
        .arg(work.join("root.tar.zst"))
        .arg("-C")
        .arg(&tree)
        .arg(".")
        .run()?;
    super::remove(&tree)?;
    Ok(size_bytes)
}

/// sfdisk's script. The type of the first partition is GRUB's BIOS boot partition.
fn layout(esp_mib: u64, root_mib: u64) -> String {
    let sectors = |mib: u64| mib * MIB / 512;
    format!(
        "label: gpt\nstart={core},size={one},type=21686148-6449-6E6F-744E-656564454649\n\
         start={esp},size={esp_size},type=U\nsize={root_size},type=L\n",
        core = boot::CORE_SECTOR,
        one = sectors(1),
        esp = sectors(ESP_MIB),
        esp_size = sectors(esp_mib),
        root_size = sectors(root_mib),
    )
}

fn make_esp(work: &Path) -> Result<u64, ImageError> {
    let length = |name: &str| {
        let path = work.join(name);
        fs::metadata(&path).map_err(ImageError::file("read", &path)).map(|data| data.len())
    };
    let mib = (length("vmlinuz")? + length("initrd.img")? + length("grub.efi")?) / MIB + 4;
    let (image, config) = (work.join("esp.img"), work.join("grub.cfg"));
    fs::write(&config, GRUB).map_err(ImageError::file("write", &config))?;
    make_sparse(&image, mib)?;
    Tool::new("mkfs.vfat")
        .args(["-s", "8", "-n", "LWESP", "-i", "4c574553", "--invariant"])
        .arg(&image)
        .run()?;
    Tool::new("mmd").arg("-i").arg(&image).args(["::/EFI", "::/EFI/BOOT", "::/grub"]).run()?;
    let files = [
        ("grub.efi", "::/EFI/BOOT/BOOTX64.EFI"),
        ("grub.cfg", "::/grub/"),
        ("vmlinuz", "::/"),
        ("initrd.img", "::/"),
    ];
    for (name, place) in files {
        Tool::new("mcopy").arg("-i").arg(&image).arg(work.join(name)).arg(place).run()?;
    }
    Ok(mib)
}

fn make_root(base: &Path, work: &Path) -> Result<u64, ImageError> {
    let (folder, image) = (work.join("tree"), work.join("root.img"));
    tree::cut(base, &folder)?;
    let used = Tool::new("du").args(["-sm", "--apparent-size"]).arg(&folder).run()?;
    let used: u64 = used.split_whitespace().next().and_then(|mib| mib.parse().ok()).unwrap_or(400);
    // Inodes, block rounding and the journal; the machine grows it to its disk.
    let mib = used * 115 / 100 + 16;
    make_sparse(&image, mib)?;
    let options =
        ["-q", "-F", "-L", "LWROOT", "-O", "^has_journal", "-m", "0", "-E", "lazy_itable_init=1", "-d"];
    Tool::new("mkfs.ext4").args(options).arg(&folder).arg(&image).run()?;
    Tool::new("tune2fs").args(["-O", "has_journal", "-J", "size=4"]).arg(&image).run()?;
    Ok(mib)
}

fn make_sparse(path: &Path, mib: u64) -> Result<(), ImageError> {
    let file = File::create_new(path).map_err(ImageError::file("make", path))?;
    file.set_len(mib * MIB).map_err(ImageError::file("size", path))
}

/// Copies a file to `offset`, leaving out blocks of zeros.
fn fill(disk: &mut File, offset: u64, path: &Path) -> Result<(), ImageError> {
    let mut source = File::open(path).map_err(ImageError::file("open", path))?;
    copy_blocks(&mut source, disk, offset).map_err(ImageError::file("copy", path))
}

fn copy_blocks(source: &mut impl Read, disk: &mut (impl Write + Seek), offset: u64) -> std::io::Result<()> {
    let mut block = vec![0; 64 * 1024];
    let mut at = offset;
    loop {
        let n = source.read(&mut block)?;
        if n == 0 {
            return Ok(());
        }
        if block[..n].iter().any(|&byte| byte != 0) {
            disk.seek(SeekFrom::Start(at))?;
            disk.write_all(&block[..n])?;
        }
        at += n as u64;
    }
}

fn write_boot_code(disk: &mut File, work: &Path) -> std::io::Result<Result<(), ImageError>> {
    let (first, core) = match boot::tie(&fs::read(BOOT_IMAGE)?, &fs::read(work.join("core.img"))?) {
        Ok(parts) => parts,
        Err(error) => return Ok(Err(error)),
    };
    disk.seek(SeekFrom::Start(0))?;
    disk.write_all(&first)?;
    disk.seek(SeekFrom::Start(boot::CORE_SECTOR * 512))?;
    disk.write_all(&core)?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn partitions_follow_each_other() {
        assert_eq!(
            layout(20, 300),
            "label: gpt\nstart=2048,size=2048,type=21686148-6449-6E6F-744E-656564454649\n\
             start=4096,size=40960,type=U\nsize=614400,type=L\n"
        );
    }

    #[test]
    fn copying_keeps_bytes_and_places() {
        let mut source = vec![0; 200 * 1024];
        source[150 * 1024] = 7;
        let mut disk = Cursor::new(vec![0; 300 * 1024]);
        copy_blocks(&mut &source[..], &mut disk, 1024).unwrap();
        let disk = disk.into_inner();
        assert_eq!(disk[151 * 1024], 7);
        assert_eq!(disk.iter().filter(|&&byte| byte != 0).count(), 1);
    }
}
