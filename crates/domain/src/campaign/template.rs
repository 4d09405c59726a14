//! What a campaign says: text with `{{variables}}`, each checked when the campaign is written and filled for each
//! recipient. Pure.

use serde::{Deserialize, Serialize};

use crate::customer::Customer;
use crate::time::Timestamp;

/// The longest template, characters.
pub const MAX_TEMPLATE_CHARACTERS: usize = 4_000;
/// The customer attribute that `date` and `time` are read from, RFC 3339.
pub const APPOINTMENT: &str = "appointmentAt";
/// What stands before the name of a customer attribute.
const ATTRIBUTE: &str = "attributes.";

/// A checked template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template(String);

/// What a template may name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Variable<'a> {
    Name,
    FirstName,
    Email,
    Phone,
    Business,
    Date,
    Time,
    Attribute(&'a str),
}

/// A piece of a template.
enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// What is wrong with a template, in words for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is empty or too long.
    #[error("must be 1 to {MAX_TEMPLATE_CHARACTERS} characters")]
    Length,
    /// A `{{` has no `}}`.
    #[error("has a {{{{ without }}}}")]
    Unclosed,
    /// It names something nobody knows.
    #[error(
        "names the unknown variable {0:?}; known are name, first_name, email, phone, business, date, time and \
         attributes.<key>"
    )]
    Unknown(String),
}

impl Template {
    /// Checks a text.
    ///
    /// # Errors
    /// Its length, or the first variable that nobody knows.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.trim().is_empty() || text.chars().count() > MAX_TEMPLATE_CHARACTERS {
            return Err(TemplateError::Length);
        }
        for piece in pieces(text)? {
            if let Piece::Variable(name) = piece {
                Variable::read(name).ok_or_else(|| TemplateError::Unknown(name.to_owned()))?;
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text for one customer.
    ///
    /// # Errors
    /// The variable that has no value for this customer.
    pub fn fill(&self, customer: &Customer, business: &str) -> Result<String, String> {
        let mut text = String::with_capacity(self.0.len());
        for piece in pieces(&self.0).map_err(|error| error.to_string())? {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Variable(name) => {
                    let value = Variable::read(name).and_then(|variable| variable.of(customer, business));
                    text.push_str(&value.ok_or_else(|| name.to_owned())?);
                }
            }
        }
        Ok(text)
    }
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}").ok_or(TemplateError::Unclosed)?;
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Variable(name.trim()));
        rest = behind;
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

impl<'a> Variable<'a> {
    fn read(name: &'a str) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "first_name" => Self::FirstName,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "business" => Self::Business,
            "date" => Self::Date,
            "time" => Self::Time,
            _ => Self::Attribute(name.strip_prefix(ATTRIBUTE).filter(|key| !key.is_empty())?),
        })
    }

    /// The value for a customer; none when it is not known.
    fn of(&self, customer: &Customer, business: &str) -> Option<String> {
        let appointment = || Timestamp::parse(customer.attributes.get(APPOINTMENT)?);
        let value = match self {
            Self::Name => customer.name.clone(),
            Self::FirstName => customer.name.split_whitespace().next()?.to_owned(),
            Self::Email => customer.email.clone()?,
            Self::Phone => customer.phone.clone()?,
            Self::Business => business.to_owned(),
            Self::Date => appointment()?.date(),
            Self::Time => appointment()?.to_string().get(11..16)?.to_owned(),
            Self::Attribute(key) => customer.attributes.get(*key)?.clone(),
        };
        Some(value).filter(|value| !value.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CustomerId, OrganizationId};

    fn ann() -> Customer {
        let now = Timestamp::from_millis(0);
        let (id, organization) = (
            CustomerId::from_bytes([1; 16]),
            OrganizationId::from_bytes([2; 16]),
        );
        let mut ann = Customer::new(id, organization, "Ann Lee".to_owned(), now);
        ann.attributes
            .insert(APPOINTMENT.to_owned(), "2026-01-31T15:30:00Z".to_owned());
        ann
    }

    #[test]
    fn variables_are_filled_for_each_customer() {
        let template =
            Template::parse("Hi {{ first_name }}, see you on {{date}} at {{time}}. {{business}}").unwrap();
        assert_eq!(
            template.fill(&ann(), "Clinic").unwrap(),
            "Hi Ann, see you on 2026-01-31 at 15:30. Clinic"
        );
    }

    #[test]
    fn a_variable_without_a_value_is_named_and_nothing_is_sent() {
        let template = Template::parse("Write to {{email}}").unwrap();
        assert_eq!(template.fill(&ann(), "Clinic"), Err("email".to_owned()));
    }

    #[test]
    fn what_nobody_knows_is_refused_when_it_is_written() {
        for (text, error) in [
            ("", TemplateError::Length),
            ("Hi {{name", TemplateError::Unclosed),
            ("Hi {{nmae}}", TemplateError::Unknown("nmae".to_owned())),
            (
                "{{attributes.}}",
                TemplateError::Unknown("attributes.".to_owned()),
            ),
        ] {
            assert_eq!(Template::parse(text), Err(error), "{text}");
        }
    }
}
