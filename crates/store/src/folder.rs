//! A store's folder: who may use it (one process) and what is in it (engine and format version).
//!
//! ```text
//! lock      held by the process that has the store open
//! format    "switchboard-store <engine> <version>"
//! engine/   the engine's own files
//! blobs/    attachments
//! ```

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use switchboard_domain::ports::engine::StoreError;

use crate::failure;
use crate::options::EngineKind;

/// The newest layout of a folder that this program writes and reads.
const FORMAT_VERSION: u32 = 2;

const FORMAT_NAME: &str = "switchboard-store";

/// A locked folder of the right format.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// The lock goes with the handle.
    _lock: File,
}

impl Folder {
    /// Creates `path` when absent, locks it, and checks or writes its format.
    pub(crate) fn open(path: &Path, kind: EngineKind) -> Result<Self, StoreError> {
        fs::create_dir_all(path).map_err(|error| failure::io(&error))?;
        let lock = lock(path)?;
        match fs::read_to_string(path.join("format")) {
            Ok(text) => check_format(path, kind, &text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => write_format(path, kind)?,
            Err(error) => return Err(failure::io(&error)),
        }
        Ok(Self {
            path: path.to_path_buf(),
            _lock: lock,
        })
    }

    /// The whole folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the engine's files are.
    pub(crate) fn engine_path(&self) -> PathBuf {
        self.path.join("engine")
    }
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let file = File::create(path.join("lock")).map_err(|error| failure::io(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Incompatible(format!(
            "another process is using {}",
            path.display()
        ))),
        Err(TryLockError::Error(error)) => Err(failure::io(&error)),
    }
}

fn check_format(path: &Path, kind: EngineKind, text: &str) -> Result<(), StoreError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [FORMAT_NAME, engine, version] = words.as_slice() else {
        return Err(StoreError::Incompatible(format!(
            "{} does not hold a store",
            path.display()
        )));
    };
    match version.parse::<u32>() {
        Ok(found) if found > FORMAT_VERSION => Err(StoreError::Incompatible(format!(
            "{} was written by a newer release (format {found}, this one reads up to {FORMAT_VERSION})",
            path.display()
        ))),
        Ok(_) if *engine != kind.name() => Err(StoreError::Incompatible(format!(
            "{} was written by the engine {engine}, not {kind}: choose that engine, or copy the store",
            path.display()
        ))),
        Ok(found) if found < FORMAT_VERSION => put_format(path, kind),
        Ok(_) => Ok(()),
        Err(_) => Err(StoreError::Incompatible(format!(
            "{} does not hold a store",
            path.display()
        ))),
    }
}

/// Before the engine writes anything, so that engine files without a format are never ours.
fn write_format(path: &Path, kind: EngineKind) -> Result<(), StoreError> {
    if path.join("engine").exists() {
        return Err(StoreError::Incompatible(format!(
            "{} has lost its format file",
            path.display()
        )));
    }
    put_format(path, kind)
}

/// Also over an older format, before anything of this one is written: an older release must not open it again.
fn put_format(path: &Path, kind: EngineKind) -> Result<(), StoreError> {
    let text = format!("{FORMAT_NAME} {kind} {FORMAT_VERSION}\n");
    write_durably(&path.join("format"), text.as_bytes()).map_err(|error| failure::io(&error))
}

/// Puts a whole file in place, or nothing.
fn write_durably(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = File::create(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
