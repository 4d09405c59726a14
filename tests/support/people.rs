//! Who has an account: made, logged in and given keys by the hub itself, by none of the families' doors.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use serde_json::Value;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::accounts::NewAccount;
use switchboard_domain::account::{Account, Role};
use switchboard_domain::scope::Scope;

use super::{PASSWORD, Persona};
use crate::process::people::Person;

/// Where everybody logs in from.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn account(username: Option<&str>, email: &str) -> NewAccount {
    NewAccount {
        username: username.map(str::to_owned),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
    }
}

impl Persona {
    /// Who it is to the hub.
    pub(crate) async fn scope(&self) -> Scope {
        self.known().await.unwrap()
    }

    /// Who it is to the hub, if its credential stands.
    pub(crate) async fn known(&self) -> Result<Scope, HubError> {
        let found = self.hub().authenticate(self.credential(), "").await;
        found.map(|caller| caller.scope)
    }

    /// Logs in with the tests' password.
    pub(crate) async fn login(&self, name: &str) -> Self {
        self.login_as(name, PASSWORD).await
    }

    /// Logs in.
    pub(crate) async fn login_as(&self, name: &str, password: &str) -> Self {
        let login = self.hub().login(name, password, HERE).await;
        self.with_token(&login.unwrap().token)
    }

    /// Registers a customer.
    pub(crate) async fn registers(&self, name: &str) -> Self {
        let new = account(Some(name), &format!("{name}@example.com"));
        let login = self.hub().register(None, new).await;
        self.with_token(&login.unwrap().token)
    }

    /// Creates an account of its organization, and logs it in.
    pub(crate) async fn employs(&self, role: &str, email: &str) -> Self {
        let new = NewAccount {
            first_name: "Jane".to_owned(),
            last_name: "Smith".to_owned(),
            ..account(None, email)
        };
        let (scope, role) = (self.scope().await, Role::from_name(role).unwrap());
        let made = self.hub().create_account(&scope, new, role, None);
        made.await.unwrap();
        self.login(email).await
    }

    /// Makes another organization; its admin.
    pub(crate) async fn founds(&self, name: &str, email: &str) -> Self {
        let (scope, password) = (self.scope().await, PASSWORD.to_owned());
        let made = self
            .hub()
            .create_organization(&scope, name, email.to_owned(), password);
        made.await.unwrap();
        self.login(email).await
    }

    /// Issues an API key with these scopes.
    pub(crate) async fn issues_key(&self, scopes: &Value) -> Self {
        let scopes: Vec<String> = serde_json::from_value(scopes.clone()).unwrap();
        let scope = self.scope().await;
        let made = self.hub().create_api_key(&scope, "shop", &scopes);
        self.with_key(&made.await.unwrap().1)
    }

    /// The same at a socket.
    pub(crate) async fn person(&self) -> Person {
        Person::bearing(self.token().to_owned(), self.account().await.display_name())
    }

    /// Its account.
    pub(crate) async fn account(&self) -> Arc<Account> {
        self.hub().me(&self.scope().await).unwrap()
    }

    /// The id of its account.
    pub(crate) async fn id(&self) -> String {
        self.account().await.id.to_string()
    }
}
