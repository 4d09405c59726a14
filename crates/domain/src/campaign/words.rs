//! What a campaign says to one customer: text, subject and an approved template's values, each with its variables filled.
//! Pure; the same for a look beforehand and for sending, so that whom the one names as missing the other leaves out.

use super::Campaign;
use super::template::Template;
use crate::customer::{Channel, Customer};

/// A campaign's words for one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The text.
    pub text: String,
    /// The subject (email).
    pub subject: String,
    /// The values of the approved template, in order (WhatsApp); none without one.
    pub values: Vec<String>,
}

/// A customer has no value for a variable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no value for {variable}")]
pub struct MissingValue {
    /// Where the variable stands, by its name on the wire.
    pub field: &'static str,
    /// The variable.
    pub variable: String,
}

impl Campaign {
    /// Its words for this customer.
    ///
    /// # Errors
    /// The first variable that has no value.
    pub fn words(&self, customer: &Customer, business: &str) -> Result<Words, MissingValue> {
        let missing = |field| move |variable| MissingValue { field, variable };
        let text = self
            .template
            .fill(customer, business)
            .map_err(missing("messageTemplate"))?;
        let values = match (&self.approved, self.channel) {
            (Some(approved), Channel::Whatsapp) => approved.values.as_slice(),
            _ => &[],
        };
        let values = values.iter().map(|value| value.fill(customer, business));
        let values = values.collect::<Result<_, _>>();
        Ok(Words {
            text,
            subject: self.subject_for(customer, business).map_err(missing("subject"))?,
            values: values.map_err(missing("whatsappTemplate.values"))?,
        })
    }

    /// One line, whatever the values hold; its name where it has no subject.
    fn subject_for(&self, customer: &Customer, business: &str) -> Result<String, String> {
        if self.channel != Channel::Email {
            return Ok(String::new());
        }
        let subject = match self
            .subject
            .as_deref()
            .map(|subject| (subject, Template::parse(subject)))
        {
            Some((_, Ok(template))) => template.fill(customer, business)?,
            Some((subject, Err(_))) => subject.to_owned(),
            None => self.name.clone(),
        };
        Ok(subject.replace(char::is_control, " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::target::Target;
    use crate::campaign::{ApprovedTemplate, CampaignStatus};
    use crate::cost::Money;
    use crate::id::{CampaignId, CustomerId, OrganizationId};
    use crate::time::Timestamp;

    fn campaign(channel: Channel) -> Campaign {
        let now = Timestamp::from_millis(0);
        Campaign {
            id: CampaignId::from_bytes([1; 16]),
            organization: OrganizationId::from_bytes([2; 16]),
            name: "News".to_owned(),
            purpose: "NEWS".to_owned(),
            channel,
            scheduled_at: None,
            target: Target::default(),
            template: Template::parse("Hi {{name}}").unwrap(),
            status: CampaignStatus::Draft,
            reason: None,
            targeted: 0,
            sent: 0,
            failed: 0,
            estimated_cost: Money::ZERO,
            cursor: None,
            created_at: now,
            started_at: None,
            ended_at: None,
            quiet: None,
            quiet_zone: None,
            undelivered: 0,
            handed_over: 0,
            is_counted: true,
            subject: Some("For {{name}}".to_owned()),
            approved: Some(ApprovedTemplate {
                name: "news".to_owned(),
                language: "en".to_owned(),
                values: vec![Template::parse("{{attributes.plan}}").unwrap()],
            }),
        }
    }

    fn ann(name: &str) -> Customer {
        let organization = OrganizationId::from_bytes([2; 16]);
        let now = Timestamp::from_millis(0);
        Customer::new(
            CustomerId::from_bytes([3; 16]),
            organization,
            name.to_owned(),
            now,
        )
    }

    #[test]
    fn a_subject_is_filled_and_stays_one_line() {
        let words = campaign(Channel::Email)
            .words(&ann("Ann\r\nBcc: x"), "Shop")
            .unwrap();
        assert_eq!(words.subject, "For Ann  Bcc: x");
        assert_eq!(words.values, Vec::<String>::new(), "they are WhatsApp's");
    }

    #[test]
    fn a_value_that_is_missing_is_named_with_its_place() {
        let missing = campaign(Channel::Whatsapp)
            .words(&ann("Ann"), "Shop")
            .unwrap_err();
        let named = (missing.field, missing.variable.as_str());
        assert_eq!(named, ("whatsappTemplate.values", "attributes.plan"));
        let mut with = ann("Ann");
        with.attributes.insert("plan".to_owned(), "gold".to_owned());
        let words = campaign(Channel::Whatsapp).words(&with, "Shop").unwrap();
        assert_eq!(
            (words.text.as_str(), words.values),
            ("Hi Ann", vec!["gold".to_owned()])
        );
    }
}
