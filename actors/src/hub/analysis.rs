//! What a text means, told at once: on request, or beside a message that was just sent. Nothing is stored.
//!
//! Called by surfaces that show intent and suggestions in their answers. Invariant: suggestions are for staff; a customer
//! gets none, whatever was found.

use switchboard_domain::analysis::Analysis;
use switchboard_domain::message::{Author, MAX_TEXT_CHARACTERS, Message};
use switchboard_domain::scope::Scope;

use super::Hub;
use super::messages::Answered;
use crate::error::HubError;

/// Suggestions shown to staff.
const SUGGESTIONS: usize = 3;

/// What was understood of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Understood {
    /// Intent, confidence and the rest; none where nobody has looked, or nobody could.
    pub analysis: Option<Analysis>,
    /// What could be answered, best first.
    pub suggestions: Vec<String>,
}

impl Hub {
    /// What a text means.
    ///
    /// # Errors
    /// [`HubError::Overloaded`] when the assistant has too much to do, [`HubError::Unavailable`] when it takes too long.
    pub async fn analyze(&self, scope: &Scope, text: &str) -> Result<Understood, HubError> {
        if text.trim().is_empty() || text.chars().count() > MAX_TEXT_CHARACTERS {
            let expected = format!("must be 1 to {MAX_TEXT_CHARACTERS} characters");
            return Err(HubError::invalid("text", expected));
        }
        let limit = self.services.settings.assistant.timeout;
        let looked = tokio::time::timeout(limit, self.look_at(scope, text)).await;
        looked.map_err(|_| HubError::Unavailable)?
    }

    /// What a message that was just sent means: as the assistant's turn has understood it, else looked at now. Never
    /// fails, for the message is stored.
    pub async fn understand(&self, scope: &Scope, answered: &Answered) -> Understood {
        let question = &answered.question;
        if question.author != Author::Customer || question.text.trim().is_empty() {
            return Understood::default();
        }
        if let Some(analysis) = &question.analysis {
            return Understood {
                analysis: Some(analysis.clone()),
                suggestions: suggestions_of(scope, answered.answer.as_deref()),
            };
        }
        self.analyze(scope, &question.text).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a message could not be understood");
            Understood::default()
        })
    }

    async fn look_at(&self, scope: &Scope, text: &str) -> Result<Understood, HubError> {
        let analysis = self.services.ports.assistant.analyze(text.to_owned()).await?;
        let sources = if scope.is_staff() {
            self.search_knowledge(scope, text, SUGGESTIONS).await?
        } else {
            Vec::new()
        };
        Ok(Understood {
            analysis: Some(analysis),
            suggestions: sources.into_iter().map(|source| source.text).collect(),
        })
    }
}

fn suggestions_of(scope: &Scope, answer: Option<&Message>) -> Vec<String> {
    let trace = answer.and_then(|answer| answer.trace.as_ref());
    let sources = trace.filter(|_| scope.is_staff()).map(|trace| &trace.sources);
    let sources = sources.into_iter().flatten().take(SUGGESTIONS);
    sources.map(|source| source.text.clone()).collect()
}
