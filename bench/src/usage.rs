//! What a process has used, read from `/proc`: CPU time and memory.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Microseconds of a clock tick of `/proc/PID/stat`: Linux shows 100 a second to user space.
const TICK_MICROS: u64 = 10_000;

/// Microseconds of CPU a process has used so far, user and system, ended threads included.
///
/// # Errors
/// When the process is gone.
pub(crate) fn cpu_micros(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/stat");
    let stat = fs::read_to_string(&path).with_context(|| path.clone())?;
    // The name, in brackets, may hold anything; what follows is counted from its end.
    let rest = stat.rsplit_once(") ").context("an unknown form of stat")?.1;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let mut ticks = || -> Result<u64> { Ok(fields.next().context("stat is too short")?.parse()?) };
    Ok((ticks()? + ticks()?) * TICK_MICROS)
}

/// A process's memory, bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// All that is resident.
    pub(crate) resident: u64,
    /// Of that, what belongs to no file.
    pub(crate) anonymous: u64,
}

/// A process's memory now.
///
/// # Errors
/// When the process is gone.
pub(crate) fn memory(pid: u32) -> Result<Memory> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).with_context(|| path.clone())?;
    let bytes = |name: &str| -> Result<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.split_ascii_whitespace().next());
        Ok(kilobytes.context("an unknown form of status")?.parse::<u64>()? * 1024)
    };
    Ok(Memory {
        resident: bytes("VmRSS:")?,
        anonymous: bytes("RssAnon:")?,
    })
}

/// Bytes that a folder's files hold on the disk, as the file system counts them.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn disk_bytes(folder: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A file that is compacted away meanwhile holds nothing any more.
        let Ok(metadata) = entry.metadata() else { continue };
        sum += if metadata.is_dir() {
            disk_bytes(&entry.path())?
        } else {
            metadata.blocks() * 512
        };
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_an_unknown_one_is_an_error() {
        let memory = memory(std::process::id()).unwrap();
        assert!(memory.resident >= memory.anonymous && memory.anonymous > 0);
        assert!(cpu_micros(std::process::id()).is_ok());
        assert!(cpu_micros(u32::MAX).is_err());
    }

    #[test]
    fn a_folder_holds_what_its_files_hold() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inner")).unwrap();
        fs::write(folder.path().join("inner/file"), vec![1; 100_000]).unwrap();
        assert!(disk_bytes(folder.path()).unwrap() >= 100_000);
    }
}
