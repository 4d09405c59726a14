//! Who speaks to the hub in these tests: guests, customers, agents and the admin.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::ADMIN_PASSWORD;
use super::http::send;
use super::socket::Socket;

/// Every account's password but the admin's.
pub(crate) const PASSWORD: &str = "a password of ours";

/// Somebody with an account.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) token: String,
}

/// A visitor without an account, with the first connection.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) session: String,
    pub(crate) token: String,
    pub(crate) socket: Socket,
}

impl Guest {
    /// Comes in for the first time.
    pub(crate) async fn open(at: SocketAddr) -> Self {
        let mut socket = Socket::open(at, "").await.expect("a guest is let in");
        let first = socket.frame().await;
        assert_eq!(first["type"], "connection_established", "{first}");
        Self {
            session: text(&first["sessionId"]),
            token: text(&first["token"]),
            socket,
        }
    }

    /// What opens this guest's session again.
    pub(crate) fn query(&self) -> String {
        format!("token={}&sessionId={}", self.token, self.session)
    }

    /// Another device of the same guest, live from now on.
    pub(crate) async fn device(&self, at: SocketAddr) -> Socket {
        joined(at, &self.query()).await
    }
}

impl Person {
    /// The account `admin`.
    pub(crate) async fn admin(at: SocketAddr) -> Self {
        Self::login(at, "admin", ADMIN_PASSWORD).await
    }

    /// Logs in.
    pub(crate) async fn login(at: SocketAddr, name: &str, password: &str) -> Self {
        let body = json!({"username": name, "password": password});
        Self::of(&send(at, "POST", "/api/auth/login", "", &body).await.json())
    }

    /// A new customer.
    pub(crate) async fn customer(at: SocketAddr, name: &str) -> Self {
        let body = json!({"username": name, "email": format!("{name}@example.org"), "password": PASSWORD});
        Self::of(&send(at, "POST", "/api/auth/register", "", &body).await.json())
    }

    /// A new agent, made by the admin.
    pub(crate) async fn agent(at: SocketAddr, name: &str) -> Self {
        let admin = Self::admin(at).await;
        let body = json!({
            "username": name, "email": format!("{name}@example.org"), "password": PASSWORD, "role": "agent",
            "firstName": name, "lastName": "Agent",
        });
        let made = send(at, "POST", "/api/admin/users", &admin.token, &body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        Self::login(at, name, PASSWORD).await
    }

    fn of(login: &Value) -> Self {
        assert!(login["access_token"].is_string(), "{login}");
        Self {
            id: text(&login["user_id"]),
            token: text(&login["access_token"]),
        }
    }

    /// Joins a session, live from now on.
    pub(crate) async fn join(&self, at: SocketAddr, session: &str) -> Socket {
        joined(at, &format!("token={}&sessionId={session}", self.token)).await
    }

    /// Connects without a session.
    pub(crate) async fn connect(&self, at: SocketAddr) -> Socket {
        joined(at, &format!("token={}", self.token)).await
    }
}

/// Connects, and lets the greeting go; what happens in the session from now on is heard.
pub(crate) async fn joined(at: SocketAddr, query: &str) -> Socket {
    let mut socket = Socket::open(at, query).await.expect("the connection is let in");
    let first = socket.hear("connection_established").await;
    if first["sessionId"].is_string() {
        // Answered only after the connection has been subscribed and has caught up.
        socket
            .ask(json!({"type": "typing", "isTyping": false}), "joined")
            .await;
    }
    socket
}

/// A JSON text's characters.
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text but {value}"))
        .to_owned()
}
