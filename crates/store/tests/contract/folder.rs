//! The store's folder: reopening, one process at a time, formats, sled's snapshots.

use std::fs;

use switchboard_domain::ports::engine::{Batch, StoreError, WriteHealth};
use switchboard_store::{EngineKind, open};

use crate::{BOTH, for_both_engines, fresh, options, put, text};

for_both_engines![
    a_closed_store_refuses_and_reopens_with_everything,
    closing_serves_what_was_queued,
    two_cannot_open_one_folder,
    other_engines_and_newer_formats_are_refused_in_words,
    an_older_format_opens_and_is_closed_to_older_releases,
];

async fn a_closed_store_refuses_and_reopens_with_everything(kind: EngineKind) {
    let (folder, engine) = fresh(kind);
    put(&engine, "kept", "yes").await;
    engine.close().unwrap();
    assert!(matches!(
        engine.commit(Batch::new()).await,
        Err(StoreError::Closed)
    ));
    assert!(matches!(engine.get(b"kept"), Err(StoreError::Closed)));
    assert_eq!(engine.write_health(), WriteHealth::Dead);
    for round in 0..3 {
        let engine = open(&options(kind, folder.path())).unwrap();
        assert_eq!(text(&engine, "kept").as_deref(), Some("yes"));
        put(&engine, "round", &round.to_string()).await;
        drop(engine);
    }
}

async fn closing_serves_what_was_queued(kind: EngineKind) {
    let (folder, engine) = fresh(kind);
    let futures: Vec<_> = (0..100)
        .map(|number| {
            let mut batch = Batch::new();
            batch.put(format!("k{number}"), "v");
            engine.commit(batch)
        })
        .collect();
    engine.close().unwrap();
    for future in futures {
        future.await.unwrap();
    }
    let engine = open(&options(kind, folder.path())).unwrap();
    assert_eq!(engine.verify(&mut |_| ()).unwrap(), 100);
}

async fn two_cannot_open_one_folder(kind: EngineKind) {
    let (folder, engine) = fresh(kind);
    let second = open(&options(kind, folder.path()));
    assert!(
        second
            .unwrap_err()
            .to_string()
            .contains("another process is using")
    );
    put(&engine, "still", "works").await;
}

async fn other_engines_and_newer_formats_are_refused_in_words(kind: EngineKind) {
    let (folder, engine) = fresh(kind);
    engine.close().unwrap();
    let other = if kind == EngineKind::Sled {
        EngineKind::Fjall
    } else {
        EngineKind::Sled
    };
    let refusal = open(&options(other, folder.path())).unwrap_err().to_string();
    assert!(
        refusal.contains(&format!("written by the engine {kind}")),
        "{refusal}"
    );
    fs::write(
        folder.path().join("format"),
        format!("switchboard-store {kind} 3\n"),
    )
    .unwrap();
    let refusal = open(&options(kind, folder.path())).unwrap_err().to_string();
    assert!(refusal.contains("newer release"), "{refusal}");
    fs::write(folder.path().join("format"), "something else").unwrap();
    assert!(
        open(&options(kind, folder.path()))
            .unwrap_err()
            .to_string()
            .contains("does not hold a store")
    );
    fs::remove_file(folder.path().join("format")).unwrap();
    assert!(
        open(&options(kind, folder.path()))
            .unwrap_err()
            .to_string()
            .contains("lost its format")
    );
}

async fn an_older_format_opens_and_is_closed_to_older_releases(kind: EngineKind) {
    let (folder, engine) = fresh(kind);
    put(&engine, "kept", "yes").await;
    engine.close().unwrap();
    let format = folder.path().join("format");
    fs::write(&format, format!("switchboard-store {kind} 1\n")).unwrap();
    let engine = open(&options(kind, folder.path())).unwrap();
    assert_eq!(text(&engine, "kept").as_deref(), Some("yes"));
    assert_eq!(
        fs::read_to_string(&format).unwrap(),
        format!("switchboard-store {kind} 2\n")
    );
}

#[tokio::test]
async fn a_half_written_sled_snapshot_is_removed() {
    let (folder, engine) = fresh(EngineKind::Sled);
    put(&engine, "kept", "yes").await;
    engine.close().unwrap();
    let half = folder.path().join("engine/snap.00000000000FFFFF.generating");
    fs::write(&half, "half").unwrap();
    let engine = open(&options(EngineKind::Sled, folder.path())).unwrap();
    assert_eq!(text(&engine, "kept").as_deref(), Some("yes"));
    assert!(!half.exists());
}

#[tokio::test]
async fn a_damaged_sled_snapshot_is_moved_aside() {
    let (folder, engine) = fresh(EngineKind::Sled);
    put(&engine, "kept", "yes").await;
    engine.close().unwrap();
    let damaged = folder.path().join("engine/snap.00000000000FFFFF");
    fs::write(&damaged, "these bytes are no snapshot").unwrap();
    let engine = open(&options(EngineKind::Sled, folder.path())).unwrap();
    assert_eq!(text(&engine, "kept").as_deref(), Some("yes"));
    assert!(folder.path().join("engine/aside-snap.00000000000FFFFF").exists());
}

#[test]
fn engines_have_names() {
    for kind in BOTH {
        assert_eq!(kind.name().parse::<EngineKind>().unwrap(), kind);
    }
    assert!("oracle".parse::<EngineKind>().is_err());
}
