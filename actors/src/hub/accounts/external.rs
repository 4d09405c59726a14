//! Subjects of external issuers: whoever comes for the first time with a token that stands gets an account.
//!
//! Invariant: an account is found by issuer and subject alone. An email or username that somebody has here already is
//! never a reason to give its account away: the newcomer gets a name of its own.

use std::fmt::Write as _;

use switchboard_domain::account::Role;
use switchboard_domain::ports::engine::StoreError;

use super::check::{check_email, check_username};
use super::create::{NewAccount, PLACEHOLDER_DOMAIN};
use crate::credentials::issuers::{Finding, Subject, UNKNOWN_KEY_PAUSE};
use crate::credentials::{Authenticated, Credential};
use crate::error::HubError;
use crate::hub::Hub;
use crate::records::accounts::insert_subject;

impl Hub {
    /// The caller behind a credential that is shown to `family`. Unlike
    /// [`Credentials::authenticate`](crate::credentials::Credentials::authenticate) this makes accounts for new subjects
    /// of external issuers, and fetches keys that are not known yet.
    pub async fn authenticate(
        &self,
        credential: Credential<'_>,
        family: &str,
    ) -> Result<Authenticated, HubError> {
        match credential {
            Credential::Bearer(token) if !self.credentials.issuers().list().is_empty() => {
                Box::pin(self.authenticate_bearer(token, family)).await
            }
            credential => self.credentials.authenticate(credential, family),
        }
    }

    async fn authenticate_bearer(&self, token: &str, family: &str) -> Result<Authenticated, HubError> {
        let issuers = self.credentials.issuers();
        let mut finding = issuers.read(token, self.services.now());
        if let Finding::UnknownKey(issuer) = &finding {
            let documents = self.services.ports.keys.as_ref();
            issuer
                .refresh(documents, self.services.now(), UNKNOWN_KEY_PAUSE)
                .await;
            finding = issuers.read(token, self.services.now());
        }
        match finding {
            Finding::Foreign => self.credentials.authenticate(Credential::Bearer(token), family),
            Finding::Refused | Finding::UnknownKey(_) => Err(HubError::Unauthenticated),
            Finding::Subject(subject) => self.admit(&subject).await,
        }
    }

    async fn admit(&self, subject: &Subject) -> Result<Authenticated, HubError> {
        if let Some(known) = self.credentials.find_subject(subject)? {
            return Ok(known);
        }
        self.open_account_for(subject).await?;
        let made = self.credentials.find_subject(subject)?;
        made.ok_or(HubError::Unauthenticated)
    }

    /// Tries the names the subject would like, then one that nobody else has.
    async fn open_account_for(&self, subject: &Subject) -> Result<(), HubError> {
        let organization = self.credentials.default_organization()?;
        let role = subject.role.unwrap_or(Role::Customer);
        for names in wanted_names(subject) {
            // No password: nobody logs in to it here.
            let account = self
                .draft_account(&names, role, organization, String::new())
                .await?;
            let made = self
                .commit_account(&account, |batch| -> Result<(), StoreError> {
                    insert_subject(batch, &subject.identity, account.id);
                    Ok(())
                })
                .await;
            match made {
                // The name is taken: by somebody else, or by the same subject, which came twice at once.
                Err(HubError::Invalid { .. } | HubError::Conflict(_)) => {}
                done => return done,
            }
            if self.credentials.find_subject(subject)?.is_some() {
                return Ok(());
            }
        }
        Err(HubError::Unauthenticated)
    }
}

fn wanted_names(subject: &Subject) -> Vec<NewAccount> {
    let digits = subject
        .identity
        .iter()
        .take(16)
        .fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            write!(text, "{byte:02x}").unwrap_or_default();
            text
        });
    let placeholder = format!("{digits}@{PLACEHOLDER_DOMAIN}");
    let email = subject.email.clone().filter(|email| check_email(email).is_ok());
    let username = Some(subject.name.clone()).filter(|name| check_username(name, &placeholder).is_ok());
    let by_email = email.map(|email| names(email.clone(), email));
    let by_subject = username.map(|username| names(username, placeholder.clone()));
    let unique = names(format!("ext-{digits}"), placeholder);
    by_email.into_iter().chain(by_subject).chain([unique]).collect()
}

fn names(username: String, email: String) -> NewAccount {
    NewAccount {
        username: Some(username),
        email,
        password: String::new(),
        first_name: String::new(),
        last_name: String::new(),
    }
}
