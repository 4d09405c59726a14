//! How well an organization knows a customer and gets on with it, as one number for staff. Pure.
//!
//! Called when customers are shown. Invariant: the score rests on what stands in the records and nothing else, and its
//! parts are those of the table at [`trust_score`].

use crate::conversation::Conversation;
use crate::customer::{Customer, Identity};

/// How many of the newest conversations count.
pub const CONVERSATIONS_CONSIDERED: usize = 20;

const START: u8 = 40;
const VERIFIED: u8 = 25;
const KNOWN_EMAIL: u8 = 10;
const KNOWN_PHONE: u8 = 10;
const ENDED_WELL: u8 = 3;
const MOST_FOR_ENDED_WELL: u8 = 15;
const DISPLEASED: u8 = 5;
const MOST_FOR_DISPLEASED: u8 = 15;
/// The least stars of a customer who is not displeased.
const FAIR_STARS: u8 = 3;

/// The score, 0 to 100.
///
/// | what | points |
/// |---|---|
/// | to begin with | 40 |
/// | the identity was verified | +25 |
/// | an email address is known | +10 |
/// | a phone number is known | +10 |
/// | each conversation in which the customer wrote, that is closed, and was not rated below 3 stars | +3, at most +15 |
/// | each conversation rated below 3 stars | −5, at most −15 |
///
/// Of the conversations, the newest 20 count: `newest` is cut there.
pub fn trust_score<'a>(customer: &Customer, newest: impl IntoIterator<Item = &'a Conversation>) -> u8 {
    let (mut well, mut displeased) = (0_u8, 0_u8);
    for conversation in newest.into_iter().take(CONVERSATIONS_CONSIDERED) {
        let poor = conversation
            .rating
            .as_ref()
            .is_some_and(|rating| rating.stars < FAIR_STARS);
        if poor {
            displeased = (displeased + DISPLEASED).min(MOST_FOR_DISPLEASED);
        } else if !conversation.status.is_open() && conversation.counts.customer > 0 {
            well = (well + ENDED_WELL).min(MOST_FOR_ENDED_WELL);
        }
    }
    START + known(customer) + well - displeased
}

/// The points for what is known of the person.
fn known(customer: &Customer) -> u8 {
    let knows = |is: fn(&Identity) -> bool| customer.identities.iter().any(is);
    let email = customer.email.is_some() || knows(|identity| matches!(identity, Identity::Email(_)));
    let phone = customer.phone.is_some() || knows(|identity| matches!(identity, Identity::Phone(_)));
    let points = [
        (customer.is_verified, VERIFIED),
        (email, KNOWN_EMAIL),
        (phone, KNOWN_PHONE),
    ];
    points
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, points)| points)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{NewConversation, Owner, Rating, Status};
    use crate::customer::Channel;
    use crate::id::{ConversationId, CustomerId, OrganizationId};
    use crate::time::Timestamp;

    fn somebody() -> Customer {
        let (id, organization) = (
            CustomerId::from_bytes([1; 16]),
            OrganizationId::from_bytes([2; 16]),
        );
        Customer::new(id, organization, "Ann".to_owned(), Timestamp::default())
    }

    fn closed(stars: Option<u8>) -> Conversation {
        let mut conversation = Conversation::open(NewConversation {
            id: ConversationId::from_bytes([3; 16]),
            number: 1,
            organization: OrganizationId::from_bytes([2; 16]),
            customer: CustomerId::from_bytes([1; 16]),
            customer_name: String::new(),
            customer_label: None,
            owner: Owner::Service,
            channel: Channel::Web,
            alias: None,
            opened_at: Timestamp::default(),
            route: None,
        });
        conversation.counts.customer = 1;
        conversation.status = Status::Closed {
            at: Timestamp::default(),
        };
        conversation.rating = stars.map(|stars| Rating { stars, comment: None });
        conversation
    }

    #[test]
    fn the_parts_add_up_as_the_table_says() {
        let mut customer = somebody();
        assert_eq!(trust_score(&customer, []), 40);
        customer.email = Some("ann@example.com".to_owned());
        assert_eq!(trust_score(&customer, []), 50);
        customer.identities = vec![Identity::Phone("+15551234567".to_owned())];
        customer.is_verified = true;
        assert_eq!(trust_score(&customer, []), 85);
        assert_eq!(trust_score(&customer, &[closed(None), closed(Some(3))]), 91);
        assert_eq!(trust_score(&customer, &[closed(Some(2)), closed(None)]), 83);
    }

    #[test]
    fn it_stays_between_its_bounds_whatever_has_happened() {
        let mut customer = somebody();
        let poor = vec![closed(Some(1)); 50];
        assert_eq!(trust_score(&customer, &poor), 25);
        customer.email = Some("ann@example.com".to_owned());
        customer.phone = Some("+15551234567".to_owned());
        customer.is_verified = true;
        assert_eq!(trust_score(&customer, &vec![closed(Some(5)); 50]), 100);
    }

    #[test]
    fn a_conversation_that_goes_on_or_in_which_nothing_was_said_counts_for_nothing() {
        let customer = somebody();
        let mut silent = closed(None);
        silent.counts.customer = 0;
        let mut open = closed(None);
        open.status = Status::Active;
        assert_eq!(trust_score(&customer, &[silent, open]), 40);
    }
}
