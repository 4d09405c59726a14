//! What one connection has been told of one conversation: every sequence once, messages in order, none left out.

use anyhow::{Result, ensure};

/// The account of one connection, over the sequences it is owed.
#[derive(Debug)]
pub(crate) struct Ledger {
    first: u64,
    seen: Vec<bool>,
    missing: usize,
    newest_message: u64,
}

impl Ledger {
    /// `count` sequences are owed, the first of them behind `after`.
    pub(crate) fn new(after: u64, count: usize) -> Self {
        Self {
            first: after + 1,
            seen: vec![false; count],
            missing: count,
            newest_message: after,
        }
    }

    /// A message was delivered.
    ///
    /// # Errors
    /// When it came before, is owed to nobody, or a later message came earlier.
    pub(crate) fn message(&mut self, sequence: u64) -> Result<()> {
        ensure!(
            sequence > self.newest_message,
            "message {sequence} came after message {}",
            self.newest_message
        );
        self.newest_message = sequence;
        self.mark(sequence)
    }

    /// A message of this connection's own was acknowledged.
    ///
    /// # Errors
    /// When it came before, or is owed to nobody.
    pub(crate) fn acknowledged(&mut self, sequence: u64) -> Result<()> {
        self.mark(sequence)
    }

    /// Whether everything has come.
    pub(crate) const fn is_complete(&self) -> bool {
        self.missing == 0
    }

    fn mark(&mut self, sequence: u64) -> Result<()> {
        let place = sequence
            .checked_sub(self.first)
            .and_then(|place| usize::try_from(place).ok());
        let slot = place.and_then(|place| self.seen.get_mut(place));
        ensure!(
            slot.is_some_and(|slot| !std::mem::replace(slot, true)),
            "sequence {sequence} came twice or unasked"
        );
        self.missing -= 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_complete_once_each_has_come() {
        let mut ledger = Ledger::new(10, 3);
        ledger.message(11).unwrap();
        ledger.acknowledged(13).unwrap();
        assert!(!ledger.is_complete());
        ledger.message(12).unwrap();
        assert!(ledger.is_complete());
    }

    #[test]
    fn twice_out_of_order_and_unasked_are_errors() {
        let mut ledger = Ledger::new(0, 3);
        ledger.message(2).unwrap();
        assert!(ledger.message(2).is_err());
        assert!(ledger.message(1).is_err());
        assert!(ledger.acknowledged(2).is_err());
        assert!(ledger.acknowledged(0).is_err());
        assert!(ledger.acknowledged(4).is_err());
        assert!(!ledger.is_complete());
    }
}
