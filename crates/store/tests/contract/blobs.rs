//! Attachments: kept once, whole, under their hash.

use std::fs;

use switchboard_domain::message::BlobId;
use switchboard_domain::ports::blobs::Blobs;
use switchboard_domain::ports::engine::StoreError;
use switchboard_store::{EngineKind, FileBlobs};

use crate::options;

#[tokio::test]
async fn a_blob_is_named_by_its_hash_and_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FileBlobs::open(&options(EngineKind::Sled, folder.path())).unwrap();
    let id = blobs.put(b"abc".to_vec()).await.unwrap();
    let name = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(id.to_string(), name);
    assert_eq!(blobs.put(b"abc".to_vec()).await.unwrap(), id);
    assert_eq!(blobs.get(id).await.unwrap().as_deref(), Some(&b"abc"[..]));
    assert_eq!(blobs.get(BlobId([0; 32])).await.unwrap(), None);
    let file = folder.path().join("blobs/ba/78").join(name);
    fs::write(file, "abd").unwrap();
    assert!(matches!(blobs.get(id).await, Err(StoreError::Damaged(_))));
}

#[tokio::test]
async fn half_written_blobs_are_removed_when_opened() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(EngineKind::Sled, folder.path());
    drop(FileBlobs::open(&options).unwrap());
    let half = folder.path().join("blobs/new/17");
    fs::write(&half, "half").unwrap();
    let blobs = FileBlobs::open(&options).unwrap();
    assert!(!half.exists());
    let ids = tokio::join!(
        blobs.put(vec![1; 100_000]),
        blobs.put(vec![2; 100_000]),
        blobs.put(vec![1; 100_000])
    );
    assert_eq!(ids.0.unwrap(), ids.2.unwrap());
    assert!(blobs.get(ids.1.unwrap()).await.unwrap().is_some());
}
