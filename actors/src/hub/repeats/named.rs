//! Which records a request names, so that erasing a customer finds the answers that tell of it.
//!
//! Asked by the request's claim and when it is settled. Found are ids as they are written in paths and answers; a family
//! that writes numbers instead is found by who asked, or by the message that was stored under the request's own name.

use switchboard_domain::account::Role;
use switchboard_domain::id::{AccountId, ConversationId, CustomerId, MemoryId};
use switchboard_domain::scope::{Principal, Scope};

use crate::records::messages::client_hash;
use crate::records::repeats::Named;

/// Records that one request is found by; an answer about more of them is about nobody in particular.
const MOST: usize = 16;
/// Characters of an id behind its prefix.
const DIGITS: usize = 32;
/// The ids of what an erasure removes.
const PREFIXES: [&str; 4] = [
    AccountId::PREFIX,
    CustomerId::PREFIX,
    ConversationId::PREFIX,
    MemoryId::PREFIX,
];

/// The message that is stored under the request's own name, who asks, if that is a customer, and what the path names.
pub(super) fn named_at_first(scope: Option<&Scope>, path: &str, name: &str) -> Vec<Named> {
    let hash = client_hash(name);
    let start = hash.first_chunk::<16>();
    let mut named: Vec<Named> = start.copied().into_iter().collect();
    match scope.map(|scope| &scope.principal) {
        Some(Principal::Account(account)) if account.role == Role::Customer => {
            named.push(*account.id.as_bytes());
        }
        Some(Principal::Guest {
            conversation,
            customer,
        }) => named.extend([*conversation.as_bytes(), *customer.as_bytes()]),
        _ => {}
    }
    add_named(&mut named, path.as_bytes());
    named
}

/// Adds what a text names.
pub(super) fn add_named(named: &mut Vec<Named>, text: &[u8]) {
    for prefix in PREFIXES {
        for (start, _) in text
            .windows(prefix.len())
            .enumerate()
            .filter(|(_, window)| *window == prefix.as_bytes())
        {
            let digits = text
                .get(start + prefix.len()..)
                .and_then(|rest| rest.get(..DIGITS));
            let id = digits.and_then(read);
            if let Some(id) = id.filter(|id| !named.contains(id) && named.len() < MOST) {
                named.push(id);
            }
        }
    }
}

fn read(digits: &[u8]) -> Option<Named> {
    let digits = std::str::from_utf8(digits).ok()?;
    u128::from_str_radix(digits, 16).ok().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_wherever_a_text_has_them() {
        let id = CustomerId::from_bytes([7; 16]);
        let other = ConversationId::from_bytes([9; 16]);
        let text = format!(r#"{{"customerId":"{id}","again":"{id}","room":"{other}","no":"cust_12"}}"#);
        let mut named = Vec::new();
        add_named(&mut named, text.as_bytes());
        assert_eq!(named, [[7; 16], [9; 16]]);
        add_named(&mut named, b"/conversations/conv_");
        assert_eq!(named.len(), 2, "an id that is cut off is none");
    }
}
