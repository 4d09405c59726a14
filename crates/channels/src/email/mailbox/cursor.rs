//! How far a folder has been read: pure, and stored by the core in the same commit as the mails.
//!
//! Invariant: within one numbering it never goes back; in another one it begins anew, and what was read before is told
//! by its `Message-ID` and hash (RFC 3501, section 2.3.1.1).

/// A place in a folder; the default one is before its first mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The numbering it belongs to; 0 before the first opening (no server uses 0).
    pub uid_validity: u32,
    /// The highest number that was read.
    pub uid: u32,
}

impl Cursor {
    /// Where to read on in a folder of this numbering: here, or from its beginning.
    #[must_use]
    pub fn resumed(self, uid_validity: u32) -> Self {
        if self.uid_validity == uid_validity {
            self
        } else {
            Self { uid_validity, uid: 0 }
        }
    }

    /// Whether a folder of this numbering has to be read again from its beginning, with mails known already among its
    /// mails.
    pub fn must_rescan(self, uid_validity: u32) -> bool {
        self.uid_validity != 0 && self.uid_validity != uid_validity
    }

    /// Behind a number that was read.
    #[must_use]
    pub fn next(self, uid: u32) -> Self {
        Self {
            uid: self.uid.max(uid),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// What may happen to a folder and its reader.
    #[derive(Debug, Clone)]
    enum Happening {
        Arrives,
        Expunged(usize),
        Renumbered,
        /// The reader takes so many mails and stores its cursor with them.
        Reads(usize),
        /// As before, and dies before it has stored anything.
        Dies(usize),
    }

    #[derive(Default)]
    struct World {
        mails: BTreeMap<u32, u64>,
        next_uid: u32,
        validity: u32,
        arrived: u64,
        cursor: Cursor,
        stored: Vec<u64>,
    }

    impl World {
        fn read(&self, count: usize) -> (Cursor, Vec<u64>) {
            let start = self.cursor.resumed(self.validity);
            let newer: Vec<_> = self.mails.range(start.uid + 1..).take(count).collect();
            let cursor = newer.iter().fold(start, |cursor, (uid, _)| cursor.next(**uid));
            (cursor, newer.into_iter().map(|(_, mail)| *mail).collect())
        }

        fn happen(&mut self, happening: &Happening) {
            match happening {
                Happening::Arrives => {
                    self.mails.insert(self.next_uid, self.arrived);
                    self.next_uid += 1;
                    self.arrived += 1;
                }
                Happening::Expunged(at) => {
                    let uid = self.mails.keys().nth(at % self.mails.len().max(1)).copied();
                    // Only what was read is expunged: a mail deleted unread cannot be read by anybody.
                    if let Some(uid) = uid.filter(|uid| self.stored.contains(&self.mails[uid])) {
                        self.mails.remove(&uid);
                    }
                }
                Happening::Renumbered => {
                    self.validity += 1;
                    let kept: Vec<u64> = self.mails.values().copied().collect();
                    self.mails = (1..).zip(kept).collect();
                    self.next_uid = u32::try_from(self.mails.len()).unwrap() + 1;
                }
                Happening::Reads(count) => {
                    let (cursor, mails) = self.read(*count);
                    self.cursor = cursor;
                    // What is known already is told by its Message-ID.
                    let known: BTreeSet<u64> = self.stored.iter().copied().collect();
                    self.stored
                        .extend(mails.into_iter().filter(|mail| !known.contains(mail)));
                }
                Happening::Dies(count) => {
                    let _unstored = self.read(*count);
                }
            }
        }
    }

    fn happening() -> impl Strategy<Value = Happening> {
        prop_oneof![
            4 => Just(Happening::Arrives),
            1 => (0_usize..20).prop_map(Happening::Expunged),
            1 => Just(Happening::Renumbered),
            3 => (1_usize..6).prop_map(Happening::Reads),
            1 => (1_usize..6).prop_map(Happening::Dies),
        ]
    }

    proptest! {
        #[test]
        fn every_mail_is_stored_once_whatever_happens(happenings in prop::collection::vec(happening(), 0..120)) {
            let mut world = World { next_uid: 1, validity: 1, ..World::default() };
            for one in &happenings {
                let before = world.cursor;
                world.happen(one);
                prop_assert!(world.cursor.uid_validity != before.uid_validity || world.cursor.uid >= before.uid);
            }
            world.happen(&Happening::Reads(usize::MAX));
            let mut stored = world.stored.clone();
            stored.sort_unstable();
            prop_assert_eq!(stored, (0..world.arrived).collect::<Vec<_>>());
        }
    }

    #[test]
    fn only_another_numbering_asks_for_a_rescan() {
        let cursor = Cursor {
            uid_validity: 7,
            uid: 40,
        };
        assert!(!cursor.must_rescan(7) && cursor.must_rescan(8) && !Cursor::default().must_rescan(8));
        assert_eq!(cursor.resumed(7).next(12), cursor);
        assert_eq!(
            cursor.resumed(8),
            Cursor {
                uid_validity: 8,
                uid: 0
            }
        );
    }
}
