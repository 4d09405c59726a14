//! Attachments as files named by their SHA-256: `blobs/ab/cd/abcd…`.
//!
//! Invariant: a file under its final name is whole and durable; anything else lies in `blobs/new` and is removed when
//! the store is opened.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use switchboard_domain::message::BlobId;
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::blobs::Blobs;
use switchboard_domain::ports::engine::StoreError;

use crate::failure;
use crate::folder::sync_folder;
use crate::options::EngineOptions;
use crate::space::Room;

/// The blob store of a folder.
#[derive(Debug, Clone)]
pub struct FileBlobs {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    room: Room,
    counter: AtomicU64,
}

impl FileBlobs {
    /// Opens the attachments beside the engine's files; the engine's lock guards them too.
    pub fn open(options: &EngineOptions) -> Result<Self, StoreError> {
        let folder = options.path.join("blobs");
        let room = Room {
            probe: options.space.clone(),
            reserve_bytes: options.reserve_bytes,
        };
        prepare(&folder).map_err(|error| failure::io(&error))?;
        Ok(Self {
            inner: Arc::new(Inner {
                folder,
                room,
                counter: AtomicU64::new(0),
            }),
        })
    }
}

impl Blobs for FileBlobs {
    fn put(&self, content: Vec<u8>) -> BoxFuture<'_, Result<BlobId, StoreError>> {
        let inner = self.inner.clone();
        Box::pin(on_blocking_thread(move || inner.put(&content)))
    }

    fn get(&self, id: BlobId) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        let inner = self.inner.clone();
        Box::pin(on_blocking_thread(move || inner.get(id)))
    }

    fn remove(&self, id: BlobId) -> BoxFuture<'_, Result<(), StoreError>> {
        let inner = self.inner.clone();
        Box::pin(on_blocking_thread(move || inner.remove(id)))
    }
}

impl Inner {
    fn put(&self, content: &[u8]) -> Result<BlobId, StoreError> {
        let id = digest(content);
        let path = blob_path(&self.folder, id);
        if path.exists() {
            return Ok(id);
        }
        if !self.room.has(content.len() as u64) {
            return Err(StoreError::Full);
        }
        let temporary = self
            .folder
            .join("new")
            .join(self.counter.fetch_add(1, Ordering::Relaxed).to_string());
        let placed = place(&temporary, &path, content);
        placed.map(|()| id).map_err(|error| {
            drop(fs::remove_file(&temporary));
            failure::io(&error)
        })
    }

    fn get(&self, id: BlobId) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(blob_path(&self.folder, id)) {
            Ok(content) if digest(&content) == id => Ok(Some(content)),
            Ok(_) => Err(StoreError::Damaged(format!(
                "the attachment {id} has other bytes than it was kept with"
            ))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failure::io(&error)),
        }
    }
}

impl Inner {
    fn remove(&self, id: BlobId) -> Result<(), StoreError> {
        let path = blob_path(&self.folder, id);
        let removed = match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            done => done.and_then(|()| path.parent().map_or(Ok(()), sync_folder)),
        };
        removed.map_err(|error| failure::io(&error))
    }
}

/// Where the bytes of `id` are.
pub(crate) fn blob_path(root: &Path, id: BlobId) -> PathBuf {
    let name = id.to_string();
    let (first, rest) = name.split_at(2);
    let (second, _) = rest.split_at(2);
    root.join(first).join(second).join(&name)
}

fn digest(content: &[u8]) -> BlobId {
    BlobId(Sha256::digest(content).into())
}

/// Empties the folder of half-written files.
fn prepare(root: &Path) -> io::Result<()> {
    let new = root.join("new");
    if new.try_exists()? {
        fs::remove_dir_all(&new)?;
    }
    fs::create_dir_all(&new)?;
    sync_folder(root)
}

/// Writes, syncs, names, and syncs the name.
pub(crate) fn place(temporary: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    let folder = path
        .parent()
        .ok_or_else(|| io::Error::other("a blob lies in a folder"))?;
    create_folders(folder)?;
    fs::rename(temporary, path)?;
    sync_folder(folder)
}

/// Creates `folder` and the one above it, each with a durable name.
fn create_folders(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    for above in folder.ancestors().skip(1).take(2) {
        sync_folder(above)?;
    }
    Ok(())
}

async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(StoreError::Failed(error.to_string())))
}
