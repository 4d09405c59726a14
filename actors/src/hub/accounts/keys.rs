//! API keys: made, listed and deleted by admins. The key's text is shown once and never stored.

use switchboard_domain::account::{ApiKey, FAMILIES};
use switchboard_domain::id::ApiKeyId;
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;

use super::check::check_label;
use crate::error::HubError;
use crate::hub::{Hub, admin_only};
use crate::records::accounts::{delete_api_key, hash_key, insert_api_key};

impl Hub {
    /// A new key of the admin's organization and its text. `scopes` are family names; none means all families.
    pub async fn create_api_key(
        &self,
        scope: &Scope,
        name: &str,
        scopes: &[String],
    ) -> Result<(ApiKey, String), HubError> {
        admin_only(scope)?;
        check_label("name", name)?;
        let key = ApiKey {
            id: ApiKeyId::generate(self.services.now(), self.services.ports.random.as_ref()),
            organization: scope.organization,
            name: name.trim().to_owned(),
            scopes: check_scopes(scopes)?,
            created_at: self.services.now(),
        };
        let secret = self.credentials.generate_api_key();
        let mut batch = Batch::new();
        insert_api_key(&mut batch, &key, &hash_key(&secret))?;
        self.services.records().commit(batch).await?;
        Ok((key, secret))
    }

    /// The keys of the admin's organization, oldest first, without their texts.
    pub fn list_api_keys(&self, scope: &Scope) -> Result<Vec<ApiKey>, HubError> {
        admin_only(scope)?;
        Ok(self.services.records().list_api_keys(scope.organization)?)
    }

    /// Deletes a key of the admin's organization; what is open with it ends.
    pub async fn delete_api_key(&self, scope: &Scope, id: ApiKeyId) -> Result<(), HubError> {
        admin_only(scope)?;
        let records = self.services.records();
        let found = records.find_api_key_hash(scope.organization, id)?;
        let hash = found.ok_or(HubError::NotFound("API key"))?;
        let mut batch = Batch::new();
        delete_api_key(&mut batch, scope.organization, id, &hash);
        records.commit(batch).await?;
        self.credentials.announce_revocation();
        Ok(())
    }
}

/// Known family names, each once, in the families' order.
fn check_scopes(scopes: &[String]) -> Result<Vec<String>, HubError> {
    if scopes.iter().any(|scope| !FAMILIES.contains(&scope.as_str())) {
        let expected = format!("must be among {}", FAMILIES.join(", "));
        return Err(HubError::invalid("scopes", expected));
    }
    let named = |family: &&str| scopes.iter().any(|scope| scope == family);
    Ok(FAMILIES.into_iter().filter(named).map(str::to_owned).collect())
}
