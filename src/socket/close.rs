//! Why a socket is closed, as the number its client sees, and whether the client should come back.

/// The close codes of every dialect (RFC 6455 § 7.4, and our own from 4000).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// 1000: the client is done, or its conversation is. Do not reconnect.
    Normal,
    /// 1002: the client broke the WebSocket protocol. Do not reconnect.
    ProtocolError,
    /// 1007: a text frame was not UTF-8. Do not reconnect.
    BadData,
    /// 1008: three broken frames in a row. Do not reconnect.
    Policy,
    /// 1009: a frame or message was too large. Do not reconnect.
    TooLarge,
    /// 1011: the hub failed. Reconnect after a pause, and resume.
    Internal,
    /// 1012: the hub restarts. Reconnect, and resume.
    Restart,
    /// 4008: the client read too slowly or left pings unanswered. Reconnect, and resume.
    TooSlow,
    /// 4401: the credentials have ended. Do not reconnect without new ones.
    CredentialsEnded,
    /// 4403: the conversation is not the caller's. Do not reconnect.
    NotYours,
    /// 4409: the conversation is gone. Do not reconnect.
    ConversationGone,
    /// 4429: the account has too many connections. Do not reconnect before one of them is closed.
    TooManyConnections,
}

impl CloseCode {
    /// The number in the close frame.
    pub const fn number(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::ProtocolError => 1002,
            Self::BadData => 1007,
            Self::Policy => 1008,
            Self::TooLarge => 1009,
            Self::Internal => 1011,
            Self::Restart => 1012,
            Self::TooSlow => 4008,
            Self::CredentialsEnded => 4401,
            Self::NotYours => 4403,
            Self::ConversationGone => 4409,
            Self::TooManyConnections => 4429,
        }
    }

    /// The reason in the close frame, at most 123 bytes.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::ProtocolError => "protocol error",
            Self::BadData => "text is not UTF-8",
            Self::Policy => "three broken frames",
            Self::TooLarge => "message too large",
            Self::Internal => "internal error, reconnect and resume",
            Self::Restart => "restart, reconnect and resume",
            Self::TooSlow => "too slow, reconnect and resume",
            Self::CredentialsEnded => "credentials ended",
            Self::NotYours => "not your conversation",
            Self::ConversationGone => "the conversation is gone",
            Self::TooManyConnections => "too many connections",
        }
    }

    /// Whether a client does well to come back by itself.
    pub const fn should_reconnect(self) -> bool {
        matches!(self, Self::Internal | Self::Restart | Self::TooSlow)
    }
}
