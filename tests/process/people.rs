//! Who speaks to the hub in these tests: guests, customers, agents and the admin.
//!
//! A hub in a process of its own makes accounts by its families' doors alone: the first family that has the door will do.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::ADMIN_PASSWORD;
use super::http::{Answer, send};
use super::socket::Socket;
use crate::api::TELLERS;
use crate::api::teller::{Request, Somebody};

/// Every account's password but the admin's.
pub(crate) const PASSWORD: &str = "a password of ours";

/// Somebody with an account.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) token: String,
    /// As others see it.
    pub(crate) name: String,
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
        // A family that asks for an email takes a name as well.
        let who = Somebody {
            name,
            email: name,
            password,
        };
        let mut doors = TELLERS.iter().flat_map(|teller| teller.accounts.logs_in);
        let login = doors.next().expect("a family where one logs in");
        let answer = make(at, "", &login(who)).await.json();
        assert!(answer["access_token"].is_string(), "{answer}");
        Self::bearing(text(&answer["access_token"]), name.to_owned())
    }

    /// A new customer.
    pub(crate) async fn customer(at: SocketAddr, name: &str) -> Self {
        let registers = TELLERS.iter().find_map(|teller| teller.accounts.registers);
        let register = registers.expect("a family where one registers");
        let made = make(at, "", &register(somebody(name, &email(name)))).await;
        assert!((200..300).contains(&made.status), "{}", made.body);
        Self::login(at, name, PASSWORD).await
    }

    /// A new agent, made by the admin.
    pub(crate) async fn agent(at: SocketAddr, name: &str) -> Self {
        let admin = Self::admin(at).await;
        let mut employing = TELLERS
            .iter()
            .filter_map(|teller| teller.accounts.employs.as_ref());
        let employs = employing.next().expect("a family where staff are made");
        let email = email(name);
        let who = somebody(name, &email);
        let made = make(at, &admin.token, &(employs.request)(who)).await;
        assert!((200..300).contains(&made.status), "{}", made.body);
        let agent = Self::login(at, name, PASSWORD).await;
        Self {
            name: (employs.shown_as)(who),
            ..agent
        }
    }

    /// Whom a token of the hub is for.
    pub(crate) fn bearing(token: String, name: String) -> Self {
        let claims = token.split('.').nth(1).expect("a token");
        let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        Self {
            id: text(&claims["sub"]),
            token,
            name,
        }
    }

    /// Ends its token.
    pub(crate) async fn logs_out(&self, at: SocketAddr) {
        let door = TELLERS.iter().find_map(|teller| teller.accounts.logs_out);
        let logout = Request::post(door.expect("a family where one logs out"), json!({}));
        let done = make(at, &self.token, &logout).await;
        assert!((200..300).contains(&done.status), "{}", done.body);
    }

    /// Teaches the assistant an answer, as a member of staff.
    pub(crate) async fn teaches(&self, at: SocketAddr, question: &str, answer: &str) {
        let made = self.tries_to_teach(at, question, answer).await;
        assert!((200..300).contains(&made.status), "{}", made.body);
    }

    /// The same, where it may be refused.
    pub(crate) async fn tries_to_teach(&self, at: SocketAddr, question: &str, answer: &str) -> Answer {
        let teaches = TELLERS.iter().rev().find_map(|teller| teller.teaches);
        let request = teaches.expect("a family that teaches")(question, answer);
        make(at, &self.token, &request).await
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

fn email(name: &str) -> String {
    format!("{name}@example.org")
}

fn somebody<'a>(name: &'a str, email: &'a str) -> Somebody<'a> {
    Somebody {
        name,
        email,
        password: PASSWORD,
    }
}

/// Makes a family's request, with a token unless it is empty.
pub(crate) async fn make(at: SocketAddr, token: &str, request: &Request) -> Answer {
    send(at, request.method, &request.path, token, &request.body).await
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
