//! Copies and backups: complete, checked, into an empty store only.

use switchboard_domain::ports::blobs::Blobs;
use switchboard_domain::ports::engine::{Batch, Direction, KeyRange, StoreError};
use switchboard_store::{EngineKind, FileBlobs, backup, copy, open};

use crate::{for_both_engines, fresh, options};

for_both_engines![
    a_copy_moves_everything_to_the_other_engine,
    a_backup_holds_entries_and_attachments
];

async fn a_copy_moves_everything_to_the_other_engine(kind: EngineKind) {
    let (_folder, from) = fresh(kind);
    let (_other, to) = fresh(if kind == EngineKind::Sled {
        EngineKind::Fjall
    } else {
        EngineKind::Sled
    });
    let mut batch = Batch::new();
    for number in 0..3000_u32 {
        batch.put(number.to_be_bytes().to_vec(), number.to_string());
    }
    from.commit(batch).await.unwrap();
    let mut seen = Vec::new();
    assert_eq!(
        copy(from.as_ref(), to.as_ref(), &mut |count| seen.push(count)).unwrap(),
        3000
    );
    assert_eq!(seen, [1024, 2048, 3000]);
    let all = |engine: &dyn switchboard_domain::ports::engine::Engine| {
        engine.scan(&KeyRange::all(), Direction::Forward, 9999).unwrap()
    };
    assert_eq!(all(from.as_ref()), all(to.as_ref()));
    assert!(matches!(
        copy(from.as_ref(), to.as_ref(), &mut |_| ()),
        Err(StoreError::Incompatible(_))
    ));
}

async fn a_backup_holds_entries_and_attachments(kind: EngineKind) {
    let (folder, engine) = fresh(kind);
    let mut batch = Batch::new();
    batch.put("a", "1").put("b", "2");
    engine.commit(batch).await.unwrap();
    let id = FileBlobs::open(&options(kind, folder.path()))
        .unwrap()
        .put(vec![9; 1000])
        .await
        .unwrap();
    let target = tempfile::tempdir().unwrap();
    let saved = options(kind, &target.path().join("saved"));
    assert_eq!(backup(engine.as_ref(), &saved, &mut |_| ()).unwrap(), 2);
    let copied = open(&saved).unwrap();
    assert_eq!(copied.get(b"b").unwrap().as_deref(), Some(&b"2"[..]));
    let blobs = FileBlobs::open(&saved).unwrap();
    assert_eq!(blobs.get(id).await.unwrap(), Some(vec![9; 1000]));
}
