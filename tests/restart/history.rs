//! The history checker: what clients heard and were promised, held against what the hub has in the end.
//!
//! Pure, so that it can be tried on histories with a fault in them: a checker that finds nothing proves nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

/// A message as somebody was shown it, or as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) sender: String,
}

/// What a client heard on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Message(Entry),
    /// Its own message of this text is durable.
    Ack {
        text: String,
        id: String,
        sequence: u64,
    },
}

/// One connection, from its `lastSequence` to its end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spell {
    pub(crate) after: u64,
    pub(crate) heard: Vec<Heard>,
}

/// One client's life: what it sent, in order, and its connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Life {
    pub(crate) name: String,
    pub(crate) sent: Vec<String>,
    pub(crate) spells: Vec<Spell>,
}

/// What is wrong with a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The stored sequences do not count up by one.
    Gap { after: u64, found: u64 },
    /// The same words are stored twice.
    Doubled(String),
    /// Acknowledged, and not stored.
    Lost(String),
    /// Stored at another place, or under another id, than was acknowledged or shown.
    Moved(String),
    /// Stored, and sent by nobody.
    Invented(String),
    /// Messages of one client are not in the order in which it sent them.
    Swapped(String),
    /// A client was shown a message before one that comes earlier, or twice.
    NotAPrefix { client: String, at: u64, missing: u64 },
}

/// Every fault of the history; `log` is what is stored, in the order in which it is read.
pub(crate) fn faults(log: &[Entry], lives: &[Life]) -> Vec<Fault> {
    let by_text: HashMap<&str, &Entry> = log.iter().map(|entry| (entry.text.as_str(), entry)).collect();
    let by_sequence: BTreeMap<u64, &Entry> = log.iter().map(|entry| (entry.sequence, entry)).collect();
    let mut found = of_log(log, lives);
    for life in lives {
        found.extend(of_order(life, &by_text));
        let own: HashSet<&str> = life.sent.iter().map(String::as_str).collect();
        for spell in &life.spells {
            found.extend(of_promises(spell, &by_text, &by_sequence));
            found.extend(of_prefix(&life.name, &own, spell, &by_sequence));
        }
    }
    found
}

/// Gaps, doubles and inventions of what is stored.
fn of_log(log: &[Entry], lives: &[Life]) -> Vec<Fault> {
    let sent: HashSet<&str> = lives
        .iter()
        .flat_map(|life| &life.sent)
        .map(String::as_str)
        .collect();
    let (mut found, mut seen, mut last) = (Vec::new(), HashSet::new(), 0);
    for entry in log {
        if entry.sequence != last + 1 {
            found.push(Fault::Gap {
                after: last,
                found: entry.sequence,
            });
        }
        last = entry.sequence;
        if entry.sender == "ai" {
            continue;
        }
        if !seen.insert(entry.text.as_str()) {
            found.push(Fault::Doubled(entry.text.clone()));
        }
        if !sent.contains(entry.text.as_str()) {
            found.push(Fault::Invented(entry.text.clone()));
        }
    }
    found
}

/// Messages that are not stored in the order in which they were sent.
fn of_order(life: &Life, by_text: &HashMap<&str, &Entry>) -> Vec<Fault> {
    let stored: Vec<_> = life
        .sent
        .iter()
        .filter_map(|text| by_text.get(text.as_str()))
        .collect();
    let pairs = stored
        .windows(2)
        .filter(|pair| pair[0].sequence >= pair[1].sequence);
    pairs.map(|pair| Fault::Swapped(pair[1].text.clone())).collect()
}

/// Acks and shown messages that are not what is stored.
fn of_promises(
    spell: &Spell,
    by_text: &HashMap<&str, &Entry>,
    by_sequence: &BTreeMap<u64, &Entry>,
) -> Vec<Fault> {
    let faults = spell.heard.iter().filter_map(|heard| match heard {
        Heard::Ack { text, id, sequence } => match by_text.get(text.as_str()) {
            None => Some(Fault::Lost(text.clone())),
            Some(entry) if (&entry.id, entry.sequence) == (id, *sequence) => None,
            Some(_) => Some(Fault::Moved(text.clone())),
        },
        Heard::Message(entry) => match by_sequence.get(&entry.sequence) {
            None => Some(Fault::Lost(entry.text.clone())),
            Some(stored) if *stored == entry => None,
            Some(_) => Some(Fault::Moved(entry.text.clone())),
        },
    });
    faults.collect()
}

/// A client hears its own messages as acks, which may come later than what others wrote after them, but everything of
/// others comes in order and without gaps, and all that precedes an ack comes before it.
fn of_prefix(
    client: &str,
    own: &HashSet<&str>,
    spell: &Spell,
    by_sequence: &BTreeMap<u64, &Entry>,
) -> Vec<Fault> {
    let is_own = |sequence: &u64| {
        by_sequence
            .get(sequence)
            .is_some_and(|entry| own.contains(entry.text.as_str()))
    };
    let (mut found, mut newest) = (Vec::new(), spell.after);
    for heard in &spell.heard {
        let (sequence, again) = match heard {
            Heard::Message(entry) => (entry.sequence, entry.sequence <= newest),
            Heard::Ack { sequence, .. } => (*sequence, false),
        };
        let missing = if again {
            Some(sequence)
        } else {
            (newest + 1..sequence).find(|s| !is_own(s))
        };
        if let Some(missing) = missing {
            found.push(Fault::NotAPrefix {
                client: client.to_owned(),
                at: sequence,
                missing,
            });
        }
        newest = newest.max(sequence);
    }
    found
}

mod tests {
    use super::*;

    fn entry(sequence: u64, text: &str) -> Entry {
        Entry {
            sequence,
            id: format!("msg_{text}"),
            text: text.to_owned(),
            sender: "customer".to_owned(),
        }
    }

    fn ack(sequence: u64, text: &str) -> Heard {
        Heard::Ack {
            text: text.to_owned(),
            id: format!("msg_{text}"),
            sequence,
        }
    }

    /// Two writers, and a reader who came back once.
    fn sound() -> (Vec<Entry>, Vec<Life>) {
        let log: Vec<_> = (1..)
            .zip(["a1", "b1", "a2", "b2", "a3"])
            .map(|(n, text)| entry(n, text))
            .collect();
        let shown = |n: usize| Heard::Message(log[n - 1].clone());
        let life = |name: &str, sent: &[&str], spells: Vec<(u64, Vec<Heard>)>| Life {
            name: name.to_owned(),
            sent: sent.iter().map(ToString::to_string).collect(),
            spells: spells
                .into_iter()
                .map(|(after, heard)| Spell { after, heard })
                .collect(),
        };
        let lives = vec![
            life(
                "a",
                &["a1", "a2", "a3"],
                vec![(
                    0,
                    vec![ack(1, "a1"), shown(2), shown(4), ack(3, "a2"), ack(5, "a3")],
                )],
            ),
            life(
                "b",
                &["b1", "b2"],
                vec![
                    (0, vec![shown(1), ack(2, "b1")]),
                    (2, vec![shown(3), ack(4, "b2"), shown(5)]),
                ],
            ),
            life(
                "reader",
                &[],
                vec![
                    (0, vec![shown(1), shown(2)]),
                    (2, vec![shown(3), shown(4), shown(5)]),
                ],
            ),
        ];
        (log, lives)
    }

    fn faults_after(spoil: impl FnOnce(&mut Vec<Entry>, &mut Vec<Life>)) -> Vec<Fault> {
        let (mut log, mut lives) = sound();
        spoil(&mut log, &mut lives);
        faults(&log, &lives)
    }

    #[test]
    fn a_sound_history_is_found_sound() {
        assert_eq!(faults_after(|_, _| {}), []);
    }

    #[test]
    fn a_lost_message_is_found() {
        let found = faults_after(|log, _| {
            log.remove(2);
            (1..).zip(log).for_each(|(n, entry)| entry.sequence = n);
        });
        assert!(found.contains(&Fault::Lost("a2".to_owned())), "{found:?}");
        let last = faults_after(|log, _| log.truncate(4));
        assert!(last.contains(&Fault::Lost("a3".to_owned())), "{last:?}");
    }

    #[test]
    fn a_doubled_message_is_found() {
        let found = faults_after(|log, _| log.push(entry(6, "b1")));
        assert!(found.contains(&Fault::Doubled("b1".to_owned())), "{found:?}");
    }

    #[test]
    fn swapped_messages_are_found() {
        let found = faults_after(|log, _| {
            (log[0].text, log[2].text) = (log[2].text.clone(), log[0].text.clone());
        });
        assert!(found.contains(&Fault::Swapped("a2".to_owned())), "{found:?}");
        assert!(found.contains(&Fault::Moved("a1".to_owned())), "{found:?}");
    }

    #[test]
    fn a_gap_is_found() {
        let found = faults_after(|log, _| log[4].sequence = 6);
        assert!(found.contains(&Fault::Gap { after: 4, found: 6 }), "{found:?}");
    }

    #[test]
    fn a_message_that_nobody_sent_is_found() {
        let found = faults_after(|log, _| log.push(entry(6, "c1")));
        assert_eq!(found, [Fault::Invented("c1".to_owned())]);
    }

    #[test]
    fn a_reader_who_missed_heard_twice_or_out_of_order_is_found() {
        let missed = faults_after(|_, lives| drop(lives[2].spells[1].heard.remove(0)));
        let twice = faults_after(|_, lives| lives[2].spells[1].after = 3);
        let out_of_order = faults_after(|_, lives| lives[2].spells[1].heard.swap(1, 2));
        for found in [missed, twice, out_of_order] {
            assert!(matches!(found[..], [Fault::NotAPrefix { .. }, ..]), "{found:?}");
        }
    }

    #[test]
    fn an_ack_before_what_precedes_it_is_found() {
        let found = faults_after(|_, lives| lives[0].spells[0].heard.swap(2, 4));
        assert!(matches!(found[..], [Fault::NotAPrefix { .. }, ..]), "{found:?}");
    }
}
