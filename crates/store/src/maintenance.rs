//! Moving and saving whole stores; called by the `store` commands, which draw the progress.
//!
//! Invariant: nothing is reported done before the copy has been read back and found equal.

use std::fs;
use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use sha2::{Digest, Sha256};
use switchboard_domain::ports::engine::{Batch, Direction, Engine, Entry, KeyRange, StoreError};

use crate::blobs::place;
use crate::failure;
use crate::open::open;
use crate::options::EngineOptions;

/// Entries in one batch of a copy.
const CHUNK: usize = 1024;

/// Copies every entry of `from` into the empty store `to`, reads it back, and returns the number of entries.
///
/// `progress` is told the entries written so far. `from` must not be written to meanwhile: the copy would be of no
/// single moment.
pub fn copy(from: &dyn Engine, to: &dyn Engine, progress: &mut dyn FnMut(u64)) -> Result<u64, StoreError> {
    if !to.scan(&KeyRange::all(), Direction::Forward, 1)?.is_empty() {
        return Err(StoreError::Incompatible(
            "the copy's target is not empty".to_owned(),
        ));
    }
    let mut count = 0;
    let written = walk(from, |entries| {
        wait(to.commit(batch_of(entries)))?;
        count += entries.len() as u64;
        progress(count);
        Ok(())
    })?;
    let read_back = walk(to, |_| Ok(()))?;
    if written == read_back {
        Ok(count)
    } else {
        Err(StoreError::Damaged(
            "the copy differs from what was copied".to_owned(),
        ))
    }
}

/// Saves an open store and the attachments of its folder into the fresh folder of `to`; returns the number of entries.
pub fn backup(
    from: &dyn Engine,
    to: &EngineOptions,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, StoreError> {
    let target = open(to)?;
    let count = copy(from, target.as_ref(), progress)?;
    copy_blobs(&from.path().join("blobs"), &to.path.join("blobs")).map_err(|error| failure::io(&error))?;
    target.close()?;
    Ok(count)
}

/// Shows all entries in order, chunk by chunk, and returns a hash over them.
fn walk(
    engine: &dyn Engine,
    mut each: impl FnMut(&[Entry]) -> Result<(), StoreError>,
) -> Result<[u8; 32], StoreError> {
    let mut hash = Sha256::new();
    let mut range = KeyRange::all();
    loop {
        let entries = engine.scan(&range, Direction::Forward, CHUNK)?;
        let Some(last) = entries.last() else {
            return Ok(hash.finalize().into());
        };
        range.from = [&last.key, &[0][..]].concat();
        for entry in &entries {
            digest(&mut hash, entry);
        }
        each(&entries)?;
    }
}

/// With the lengths, so that no two lists of entries hash alike.
fn digest(hash: &mut Sha256, entry: &Entry) {
    for part in [&entry.key, &entry.value] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
}

fn batch_of(entries: &[Entry]) -> Batch {
    let mut batch = Batch::new();
    for entry in entries {
        batch.put(entry.key.clone(), entry.value.clone());
    }
    batch
}

/// Two levels of folders; half-written files stay behind.
fn copy_blobs(from: &Path, to: &Path) -> io::Result<()> {
    if !from.try_exists()? {
        return Ok(());
    }
    fs::create_dir_all(to)?;
    let temporary = to.join("copying");
    for first in children(from)?.iter().filter(|path| !path.ends_with("new")) {
        for file in children(first)?
            .iter()
            .map(|second| children(second))
            .collect::<io::Result<Vec<_>>>()?
            .concat()
        {
            let name = file.strip_prefix(from).map_err(io::Error::other)?;
            place(&temporary, &to.join(name), &fs::read(&file)?)?;
        }
    }
    Ok(())
}

fn children(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect()
}

/// Wakes a thread that waits for a future.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks until a commit is answered; works on any thread, with or without a runtime.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
