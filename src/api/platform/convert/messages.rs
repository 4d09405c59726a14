//! Messages in, answers out.

use switchboard_actors::hub::conversations::OpenConversation;
use switchboard_actors::hub::messages::{Answered, NewMessage};
use switchboard_domain::analysis::{Analysis, EntityKind, Intent};
use switchboard_domain::customer::Channel;

use super::super::wire::{
    AnsweredOut, MessageIn, RecordedOut, RecordingIn, ResponseOut, TextKind, UnderstoodOut, WordsIn,
};
use super::sessions::shown_id;
use crate::http::wire::{Object, OneOf, Word};

impl Word for TextKind {
    const EXPECTED: &'static str = "text";

    fn read(word: &str) -> Option<Self> {
        (word == "text").then_some(Self)
    }
}

impl MessageIn {
    /// The session it is for, and what it says.
    pub(in crate::api::platform) fn into_parts(self) -> (OpenConversation, NewMessage) {
        let Object(WordsIn { text, id, .. }) = self.message;
        let message = NewMessage {
            text,
            client_id: id,
            ..NewMessage::default()
        };
        (meant(self.session_id, self.user_id, self.channel), message)
    }
}

impl RecordingIn {
    /// The session it is for, and what stands around the recording.
    pub(in crate::api::platform) fn parts(&self) -> (OpenConversation, NewMessage) {
        let message = NewMessage {
            client_id: self.id.clone(),
            ..NewMessage::default()
        };
        let session = (self.session_id.clone(), self.user_id.clone());
        (meant(session.0, session.1, self.channel), message)
    }
}

fn meant(
    alias: Option<String>,
    customer: Option<String>,
    channel: Option<OneOf<Channel>>,
) -> OpenConversation {
    OpenConversation {
        alias,
        customer,
        customer_name: None,
        channel: channel.map(|OneOf(channel)| channel),
    }
}

impl From<&Answered> for AnsweredOut {
    fn from(answered: &Answered) -> Self {
        let conversation = answered.conversation.as_ref();
        Self {
            response: response(answered),
            session_id: shown_id(conversation),
            context: UnderstoodOut::of(answered.question.analysis.as_ref()),
            status: conversation.status.as_str(),
            message_id: answered.question.id.to_string(),
            sequence: answered.question.sequence,
        }
    }
}

impl From<&Answered> for RecordedOut {
    fn from(answered: &Answered) -> Self {
        Self {
            transcription: answered.question.text.clone(),
            answered: answered.into(),
        }
    }
}

/// What the assistant says, else the notice that an agent is wanted or in charge.
fn response(answered: &Answered) -> Option<ResponseOut> {
    let said = answered.answer.as_ref();
    let text = said
        .map(|message| message.text.clone())
        .or_else(|| answered.notice.clone())?;
    Some(ResponseOut {
        text,
        id: said.map(|message| message.id.to_string()),
        kind: "text",
    })
}

impl UnderstoodOut {
    /// Without an analysis nothing is known, and nothing is made up.
    fn of(analysis: Option<&Analysis>) -> Self {
        Self {
            intent: analysis.map(|analysis| analysis.intent.as_str()),
            entities: analysis.map(entities).unwrap_or_default(),
            confidence: analysis.map_or(0.0, |analysis| analysis.confidence.rounded()),
        }
    }
}

/// What a message is about and the values it names: `["order", "12345"]`.
fn entities(analysis: &Analysis) -> Vec<String> {
    let mut named = Vec::new();
    if is_about_an_order(Some(analysis.intent)) {
        named.push(kind_name(EntityKind::OrderNumber).to_owned());
    }
    for entity in &analysis.entities {
        for word in [kind_name(entity.kind), &entity.value] {
            if !named.iter().any(|known| known == word) {
                named.push(word.to_owned());
            }
        }
    }
    named
}

/// Orders are what this family's callers most often ask about: they appear even before a number is named.
pub(super) const fn is_about_an_order(intent: Option<Intent>) -> bool {
    matches!(intent, Some(Intent::OrderInquiry | Intent::OrderStatus))
}

const fn kind_name(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::OrderNumber => "order",
        other => other.as_str(),
    }
}
