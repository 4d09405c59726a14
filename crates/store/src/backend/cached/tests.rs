//! The cache over a map that can be stopped while it is read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use parking_lot::Mutex;
use switchboard_domain::ports::engine::Batch;

use super::*;
use crate::group::Group;
use crate::queue::Reply;

/// A map that counts how often it is read, and holds up the reader it is told to.
#[derive(Default)]
struct Map {
    rows: Mutex<BTreeMap<Vec<u8>, Bytes>>,
    reads: AtomicUsize,
    /// Told that the row was read; the reader goes on when it is told in turn.
    holds: Mutex<Option<(SyncSender<()>, Receiver<()>)>>,
}

impl Backend for Arc<Map> {
    fn get(&self, key: &[u8]) -> Result<Value, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let value = self.rows.lock().get(key).cloned();
        let hold = self.holds.lock().take();
        if let Some((read, go_on)) = hold {
            read.send(()).unwrap();
            go_on.recv().unwrap();
        }
        Ok(value)
    }

    fn range(&self, _: &KeyRange, _: Direction, _: usize) -> Result<Vec<Entry>, StoreError> {
        Ok(Vec::new())
    }

    fn apply(&self, slots: &Slots) -> Result<(), StoreError> {
        let mut rows = self.rows.lock();
        for (key, value) in slots.changes() {
            match value {
                Some(value) => rows.insert(key.to_vec(), value.clone()),
                None => rows.remove(key.as_ref()),
            };
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn disk_bytes(&self) -> u64 {
        0
    }
}

fn write(cached: &Cached<Arc<Map>>, change: impl FnOnce(&mut Batch) -> &mut Batch) {
    let (mut batch, mut group) = (Batch::new(), Group::default());
    change(&mut batch);
    group.admit(batch, Reply::to(Box::new(drop)), &|key: &[u8]| cached.get(key));
    cached.apply(&group.slots).unwrap();
}

fn cached() -> (Arc<Map>, Cached<Arc<Map>>) {
    let map = Arc::<Map>::default();
    (Arc::clone(&map), Cached::new(map, 1 << 20))
}

#[test]
fn a_row_is_read_once_and_so_is_its_absence() {
    let (map, cached) = cached();
    for _ in 0..3 {
        assert_eq!(cached.get(b"nothing").unwrap(), None);
    }
    assert_eq!(map.reads.load(Ordering::SeqCst), 1);
    write(&cached, |batch| batch.put("nothing", "now something"));
    assert_eq!(cached.get(b"nothing").unwrap().unwrap(), "now something");
    write(&cached, |batch| batch.delete("nothing"));
    assert_eq!(cached.get(b"nothing").unwrap(), None);
    assert_eq!(map.reads.load(Ordering::SeqCst), 1, "what is written is known");
}

#[test]
fn a_row_that_is_written_while_it_is_read_is_not_remembered_as_it_was() {
    let (map, cached) = cached();
    write(&cached, |batch| batch.put("row", "old"));
    let cached = Cached::new(Arc::clone(&map), 1 << 20);
    let (read, was_read) = sync_channel(0);
    let (go_on, goes_on) = sync_channel(0);
    *map.holds.lock() = Some((read, goes_on));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| cached.get(b"row").unwrap());
        was_read.recv().unwrap();
        cached.apply(&changed("row", "new")).unwrap();
        assert_eq!(
            cached.get(b"row").unwrap().unwrap(),
            "new",
            "nobody waits for the reader"
        );
        go_on.send(()).unwrap();
        assert_eq!(reader.join().unwrap().unwrap(), "old");
    });
    assert_eq!(cached.get(b"row").unwrap().unwrap(), "new");
}

/// A group that was formed without the cache.
fn changed(key: &'static str, value: &'static str) -> Slots {
    let (mut batch, mut group) = (Batch::new(), Group::default());
    batch.put(key, value);
    group.admit(batch, Reply::to(Box::new(drop)), &|_: &[u8]| Ok(None));
    group.slots
}

#[test]
fn memory_is_bounded() {
    let map = Arc::<Map>::default();
    let cached = Cached::new(Arc::clone(&map), 64 << 10);
    for number in 0..10_000_u32 {
        write(&cached, |batch| {
            batch.put(number.to_be_bytes().to_vec(), vec![7; 100])
        });
        cached.get(&number.to_be_bytes()).unwrap();
    }
    assert!(cached.rows.weight() <= 64 << 10, "{}", cached.rows.weight());
    assert!(cached.rows.len() > 100, "{}", cached.rows.len());
}
