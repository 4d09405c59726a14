//! Messages in and out of a conversation.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::conversation::life::{Acting, Content, Input};
use switchboard_domain::conversation::{Conversation, Status};
use switchboard_domain::handover::HandoverReason;
use switchboard_domain::id::ConnectionId;
use switchboard_domain::message::{Attachment, Author, Form, MAX_TEXT_CHARACTERS, Message, Sequence};
use switchboard_domain::ports::transport::OutgoingFile;
use switchboard_domain::scope::{AccountPrincipal, Scope};

use super::Hub;
use super::conversations::MAX_CALLER_ID_BYTES;
use crate::error::HubError;
use crate::session::{Done, TurnReply};

/// Spare time a caller waits for the assistant beyond the assistant's own limit.
const ANSWER_SPARE: Duration = Duration::from_secs(3);

/// Messages looked at between a question and its answer, from either end.
const LOOK_AHEAD: usize = 20;

/// A message to be stored.
#[derive(Debug, Clone, Default)]
pub struct NewMessage {
    /// Its words.
    pub text: String,
    /// The caller's own id for it; the same id again is the same message.
    pub client_id: Option<String>,
    /// The connection it came by, which is answered apart and hears no echo.
    pub origin: Option<ConnectionId>,
    /// How it goes out where plain text is not all of it; the organization's side alone.
    pub form: Option<Form>,
    /// Files that go out with it; the organization's side alone, by mail and WhatsApp.
    pub files: Vec<OutgoingFile>,
}

/// A customer's message with the assistant's answer.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The customer's message, with what was understood of it.
    pub question: Arc<Message>,
    /// What the assistant says; none when somebody else is in charge or auto reply is off.
    pub answer: Option<Arc<Message>>,
    /// What is to be told instead when nothing is said: the handover text while an agent is wanted or in charge.
    pub notice: Option<String>,
    /// The conversation as it stands after it.
    pub conversation: Arc<Conversation>,
}

impl Hub {
    /// A customer's message; returns once it is durable. The answer comes by the event bus.
    pub async fn receive_message(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        message: NewMessage,
    ) -> Result<Done, HubError> {
        let (input, origin) = self.customer_input(scope, conversation, &message)?;
        self.links
            .directory
            .act(conversation.organization, conversation.id, input, origin)
            .await
    }

    /// A customer's message, with the assistant's answer to it.
    pub async fn ask(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        message: NewMessage,
    ) -> Result<Answered, HubError> {
        check_reach(scope, conversation)?;
        let content = content(&message)?;
        self.ask_with(conversation, content, message.origin).await
    }

    /// A customer's message, checked before, with the assistant's answer to it.
    pub(super) async fn ask_with(
        &self,
        conversation: &Conversation,
        content: Content,
        origin: Option<ConnectionId>,
    ) -> Result<Answered, HubError> {
        let input = self.customer_message(conversation, content)?;
        let asked = self
            .links
            .directory
            .ask(conversation.organization, conversation.id, input, origin)
            .await?;
        let (done, answered) = asked;
        let question = done
            .messages
            .first()
            .cloned()
            .ok_or_else(|| HubError::internal("a message was not stored"))?;
        if done.repeated
            && let Some(answer) = self.answer_to(conversation, question.sequence)?
        {
            let conversation = done.conversation;
            return Ok(Answered {
                question,
                answer: Some(answer),
                notice: None,
                conversation,
            });
        }
        if done.conversation.turn_due.is_none() {
            return self.unanswered(question, done.conversation);
        }
        let limit = self.services.settings.assistant.timeout + ANSWER_SPARE;
        match tokio::time::timeout(limit, answered).await {
            Ok(Ok(TurnReply::Said {
                message,
                question: understood,
                conversation,
            })) => {
                let question = understood
                    .filter(|q| q.sequence == question.sequence)
                    .unwrap_or(question);
                Ok(Answered {
                    question,
                    answer: Some(message),
                    notice: None,
                    conversation,
                })
            }
            Ok(Ok(TurnReply::Silent { conversation })) => self.unanswered(question, conversation),
            Ok(Err(_)) | Err(_) => self.unanswered(question, done.conversation),
        }
    }

    /// A message by whoever calls: a member of staff speaks as an agent, but as the customer in a conversation of its
    /// own; everybody else speaks as the customer, and is answered.
    pub async fn speak(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        message: NewMessage,
    ) -> Result<Answered, HubError> {
        if acting(scope).is_err() || scope.owns(conversation) {
            return self.ask(scope, conversation, message).await;
        }
        self.send_and_tell(scope, conversation, message).await
    }

    /// A customer's recording whose words were heard; returns once it is durable. The answer comes by the event bus.
    pub(super) async fn receive_heard(
        &self,
        conversation: &Conversation,
        content: Content,
        origin: Option<ConnectionId>,
    ) -> Result<Answered, HubError> {
        let input = self.customer_message(conversation, content)?;
        let directory = &self.links.directory;
        let done = directory
            .act(conversation.organization, conversation.id, input, origin)
            .await?;
        let stored = done.messages.into_iter().next();
        let question = stored.ok_or_else(|| HubError::internal("a message was not stored"))?;
        self.unanswered(question, done.conversation)
    }

    /// A customer's recording that nothing here can transcribe: kept, and an agent is asked for.
    pub async fn receive_recording(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        attachment: Attachment,
        message: NewMessage,
    ) -> Result<Answered, HubError> {
        check_reach(scope, conversation)?;
        check_client_id(message.client_id.as_deref())?;
        let settings = self
            .services
            .organization(conversation.organization)?
            .settings
            .load_full();
        let say = settings
            .auto_reply_enabled
            .then(|| settings.handover_message.clone());
        let content = Content {
            text: message.text,
            attachments: vec![attachment],
            client_id: message.client_id,
            ..Content::default()
        };
        let reason = HandoverReason::Recording;
        let input = Input::CustomerMessageForAgent { content, reason, say };
        let directory = &self.links.directory;
        let done = directory
            .act(conversation.organization, conversation.id, input, message.origin)
            .await?;
        let question = done
            .messages
            .first()
            .cloned()
            .ok_or_else(|| HubError::internal("a message was not stored"))?;
        let said = done
            .messages
            .iter()
            .find(|message| message.author == Author::Assistant);
        let answer = said.cloned();
        Ok(Answered {
            answer,
            ..self.unanswered(question, done.conversation)?
        })
    }

    /// A message by a member of staff; takes the conversation over. Services write in no agent's name and are refused.
    pub async fn send_message(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        message: NewMessage,
    ) -> Result<Done, HubError> {
        check_reach(scope, conversation)?;
        let agent = acting(scope)?;
        let as_agent = |content| Input::AgentMessage { agent, content };
        self.store_writing(conversation, message, as_agent).await
    }

    /// Messages behind `after`, oldest first, at most `limit`.
    pub fn list_messages(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        after: Sequence,
        limit: usize,
    ) -> Result<Vec<Arc<Message>>, HubError> {
        check_reach(scope, conversation)?;
        let records = self.services.records();
        Ok(records.list_messages(conversation.organization, conversation.id, after, limit)?)
    }

    /// The customer's newest message up to and with `through`, unless it lies far back: what the assistant's next
    /// message answers.
    pub fn find_question(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        through: Sequence,
    ) -> Result<Option<Arc<Message>>, HubError> {
        check_reach(scope, conversation)?;
        let records = self.services.records();
        let (organization, id) = (conversation.organization, conversation.id);
        let newest = records.list_latest_messages(organization, id, through, LOOK_AHEAD)?;
        Ok(newest
            .into_iter()
            .find(|message| message.author == Author::Customer))
    }

    /// The newest messages of the assistant's context, oldest first, at most `limit`.
    pub fn list_context(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        limit: usize,
    ) -> Result<Vec<Arc<Message>>, HubError> {
        check_reach(scope, conversation)?;
        let records = self.services.records();
        let (organization, id) = (conversation.organization, conversation.id);
        let mut newest = records.list_latest_messages(organization, id, conversation.last_sequence, limit)?;
        newest.retain(|message| message.sequence > conversation.context_after);
        newest.reverse();
        Ok(newest)
    }

    /// What the assistant said to a customer's message: its first message after it, unless an agent spoke before.
    fn answer_to(
        &self,
        conversation: &Conversation,
        asked: Sequence,
    ) -> Result<Option<Arc<Message>>, HubError> {
        let records = self.services.records();
        let mut later = records
            .list_messages(conversation.organization, conversation.id, asked, LOOK_AHEAD)?
            .into_iter()
            .filter(|message| message.author != Author::Customer);
        Ok(later.next().filter(|message| message.author == Author::Assistant))
    }

    fn unanswered(
        &self,
        question: Arc<Message>,
        conversation: Arc<Conversation>,
    ) -> Result<Answered, HubError> {
        let settings = self
            .services
            .organization(conversation.organization)?
            .settings
            .load_full();
        let wanted = matches!(
            conversation.status,
            Status::Waiting { .. } | Status::WithAgent { .. }
        );
        let notice = wanted.then(|| settings.handover_message.clone());
        Ok(Answered {
            question,
            answer: None,
            notice,
            conversation,
        })
    }

    fn customer_input(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        message: &NewMessage,
    ) -> Result<(Input, Option<ConnectionId>), HubError> {
        check_reach(scope, conversation)?;
        let content = content(message)?;
        Ok((self.customer_message(conversation, content)?, message.origin))
    }

    fn customer_message(&self, conversation: &Conversation, content: Content) -> Result<Input, HubError> {
        let organization = self.services.organization(conversation.organization)?;
        let auto_reply = organization.settings.load().auto_reply_enabled;
        Ok(Input::CustomerMessage { content, auto_reply })
    }
}

/// The agent a caller acts as.
pub(super) fn acting(scope: &Scope) -> Result<Acting, HubError> {
    match scope.account() {
        Some(AccountPrincipal { id, role, name, .. }) if role.is_staff() => Ok(Acting {
            id: *id,
            name: name.clone(),
        }),
        _ => Err(HubError::Forbidden("Agent or admin access required")),
    }
}

pub(super) fn check_reach(scope: &Scope, conversation: &Conversation) -> Result<(), HubError> {
    if scope.reaches(conversation) {
        Ok(())
    } else {
        Err(HubError::NotFound("conversation"))
    }
}

/// What a customer says.
pub(super) fn content(message: &NewMessage) -> Result<Content, HubError> {
    if !message.files.is_empty() {
        return Err(HubError::invalid(
            "attachments",
            "go out by staff and services alone",
        ));
    }
    if message.text.trim().is_empty() {
        return Err(HubError::invalid("text", "must not be empty"));
    }
    words(message)
}

/// A message without its files.
pub(super) fn words(message: &NewMessage) -> Result<Content, HubError> {
    check_client_id(message.client_id.as_deref())?;
    if message.text.chars().count() > MAX_TEXT_CHARACTERS {
        return Err(HubError::invalid(
            "text",
            format!("must be at most {MAX_TEXT_CHARACTERS} characters"),
        ));
    }
    let client_id = message.client_id.clone();
    Ok(Content {
        text: message.text.clone(),
        client_id,
        form: message.form.clone(),
        ..Content::default()
    })
}

pub(super) fn check_client_id(id: Option<&str>) -> Result<(), HubError> {
    let fits =
        |id: &str| !id.is_empty() && id.len() <= MAX_CALLER_ID_BYTES && !id.chars().any(char::is_control);
    if id.is_none_or(fits) {
        Ok(())
    } else {
        Err(HubError::invalid(
            "id",
            "must be 1 to 128 bytes without control characters",
        ))
    }
}
