//! What names, emails and labels must look like. Pure; every refusal names its field.

use crate::error::HubError;

const MAX_NAME_CHARACTERS: usize = 100;
const MAX_USERNAME_CHARACTERS: usize = 64;
const MAX_EMAIL_CHARACTERS: usize = 254;
const MAX_LOCAL_CHARACTERS: usize = 64;
const MAX_LABEL_CHARACTERS: usize = 63;

/// An email of the shape `local@domain`. Whether mail reaches it, only a mail can tell.
pub(in crate::hub) fn check_email(email: &str) -> Result<(), HubError> {
    let sound = email.chars().count() <= MAX_EMAIL_CHARACTERS
        && email
            .split_once('@')
            .is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain));
    if sound {
        Ok(())
    } else {
        Err(HubError::invalid("email", "must be an email address"))
    }
}

fn is_local_part(local: &str) -> bool {
    let length = local.chars().count();
    (1..=MAX_LOCAL_CHARACTERS).contains(&length)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && local
            .chars()
            .all(|c| is_visible(c) && !r#"@"(),:;<>[\]"#.contains(c))
}

fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        let length = label.chars().count();
        (1..=MAX_LABEL_CHARACTERS).contains(&length)
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    })
}

/// A username of visible characters. One with an `@` must be the account's own email, so that nobody takes the name
/// under which somebody else will log in.
pub(super) fn check_username(username: &str, email: &str) -> Result<(), HubError> {
    let length = username.chars().count();
    if !(1..=MAX_USERNAME_CHARACTERS).contains(&length) || !username.chars().all(is_visible) {
        return Err(HubError::invalid(
            "username",
            format!("must have 1 to {MAX_USERNAME_CHARACTERS} visible characters and no spaces"),
        ));
    }
    if username.contains('@') && username.to_lowercase() != email.to_lowercase() {
        return Err(HubError::invalid(
            "username",
            "must not contain '@' unless it is the account's own email",
        ));
    }
    Ok(())
}

/// A person's name; may be empty.
pub(in crate::hub) fn check_name(field: &'static str, name: &str) -> Result<(), HubError> {
    if name.chars().count() > MAX_NAME_CHARACTERS || name.chars().any(char::is_control) {
        return Err(HubError::invalid(
            field,
            format!("must have at most {MAX_NAME_CHARACTERS} characters and no control characters"),
        ));
    }
    Ok(())
}

/// What staff call a thing; not empty.
pub(in crate::hub) fn check_label(field: &'static str, label: &str) -> Result<(), HubError> {
    if label.trim().is_empty() {
        return Err(HubError::invalid(field, "must not be empty"));
    }
    check_name(field, label)
}

/// Neither white space nor control nor one of the characters that are there without showing.
fn is_visible(c: char) -> bool {
    let unseen = matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    );
    !(unseen || c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_of_a_plain_shape_are_taken_and_others_are_not() {
        for email in ["admin@localhost", "a.b+tag@mail.example.com", "ü@exämple.de"] {
            assert!(check_email(email).is_ok(), "{email}");
        }
        for email in [
            "",
            "a",
            "@b.c",
            "a@",
            "a@b@c",
            "a b@c.d",
            "a@b..c",
            ".a@b.c",
            "a@-b.c",
            "a@b.c\r\nBcc:x",
            "a\u{200B}@b.c",
            "<a>@b.c",
        ] {
            assert!(check_email(email).is_err(), "{email:?}");
        }
        assert!(check_email(&format!("{}@b.c", "a".repeat(65))).is_err());
    }

    #[test]
    fn a_username_is_visible_and_not_anothers_email() {
        assert!(check_username("anna", "anna@b.c").is_ok());
        assert!(check_username("Anna@b.c", "anna@B.c").is_ok());
        for username in ["", "a b", "a\u{0}", "a\u{202E}", "eve@b.c", &"a".repeat(65)] {
            assert!(check_username(username, "anna@b.c").is_err(), "{username:?}");
        }
    }
}
