//! Boot code without `grub-install`, which wants a device: GRUB's core image, and the few bytes that tie it to its place
//! on a disk with a GPT.

use super::ImageError;
use crate::tool::Tool;
use std::fs;
use std::path::Path;

/// The sector at which the BIOS boot partition starts.
pub(super) const CORE_SECTOR: u64 = 2048;
/// Bytes of the first sector that are code; the rest is the partition table's.
pub(super) const BOOT_CODE: usize = 440;
/// Sectors of the BIOS boot partition.
const CORE_SECTORS: usize = 2048;

const EARLY: &str = "search --no-floppy --set=root --label LWESP\nconfigfile ($root)/grub/grub.cfg\n";
const MODULES: [&str; 8] =
    ["part_gpt", "fat", "normal", "linux", "search", "search_label", "configfile", "echo"];

/// Makes `core.img` (BIOS) and `grub.efi` (UEFI) in `work`. Both find the EFI system partition by its label.
pub(super) fn make(work: &Path) -> Result<(), ImageError> {
    let early = work.join("early.cfg");
    fs::write(&early, EARLY).map_err(ImageError::file("write", &early))?;
    for (format, output, own) in
        [("i386-pc", "core.img", &["biosdisk"][..]), ("x86_64-efi", "grub.efi", &[][..])]
    {
        let tool = Tool::new("grub-mkimage").args(["-O", format, "-p", "/grub", "-c"]).arg(&early);
        tool.arg("-o").arg(work.join(output)).args(own).args(MODULES).run()?;
    }
    Ok(())
}

/// Debian's `boot.img` and a core image, changed so that the first loads the second from [`CORE_SECTOR`].
///
/// Offsets: GRUB 2.06, `include/grub/i386/pc/boot.h` and `grub-core/boot/i386/pc/diskboot.S`.
pub(super) fn tie(boot: &[u8], core: &[u8]) -> Result<([u8; BOOT_CODE], Vec<u8>), ImageError> {
    let unexpected = |why: &str| ImageError::Unexpected { what: "GRUB's boot code".into(), why: why.into() };
    let mut first: [u8; BOOT_CODE] = boot
        .get(..BOOT_CODE)
        .and_then(|code| code.try_into().ok())
        .ok_or_else(|| unexpected("it is too short"))?;
    let sectors = core.len().div_ceil(512);
    if !(2..=CORE_SECTORS).contains(&sectors) {
        return Err(unexpected("the core image does not fit its partition"));
    }
    let rest = u16::try_from(sectors - 1).map_err(|_| unexpected("the core image is too long"))?;
    // Where the core image starts; then two no-operations in place of the check of the BIOS's drive number.
    first[0x5c..0x64].copy_from_slice(&CORE_SECTOR.to_le_bytes());
    first[0x66..0x68].copy_from_slice(&[0x90, 0x90]);
    // Block list of the rest: first sector, number of sectors, segment to load to.
    let mut core = core.to_vec();
    core[0x1f4..0x1fc].copy_from_slice(&(CORE_SECTOR + 1).to_le_bytes());
    core[0x1fc..0x1fe].copy_from_slice(&rest.to_le_bytes());
    core[0x1fe..0x200].copy_from_slice(&0x820_u16.to_le_bytes());
    Ok((first, core))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boot_code_points_to_the_core_and_the_core_to_its_rest() {
        let (first, core) = tie(&[0xaa; 512], &[0xbb; 1025]).unwrap();
        assert_eq!(first[0x5c..0x64], [0, 8, 0, 0, 0, 0, 0, 0]);
        assert_eq!(first[0x64..0x68], [0xaa, 0xaa, 0x90, 0x90]);
        assert_eq!(first[0x5b], 0xaa);
        assert_eq!(core[0x1f4..0x200], [1, 8, 0, 0, 0, 0, 0, 0, 2, 0, 0x20, 0x08]);
        assert_eq!((core[0x1f3], core[0x200], core.len()), (0xbb, 0xbb, 1025));
    }

    #[test]
    fn what_cannot_be_boot_code_is_refused() {
        assert!(tie(&[0; 100], &[0; 1024]).is_err());
        assert!(tie(&[0; 512], &[0; 512]).is_err());
        assert!(tie(&[0; 512], &vec![0; 2049 * 512]).is_err());
    }
}
