//! What the organization of the tests knows and has decided, told to the hub itself.

use std::sync::Arc;

use switchboard_actors::hub::knowledge::NewFaq;
use switchboard_domain::knowledge::Faq;
use switchboard_domain::settings::AssistantSettings;

use super::World;

impl World {
    /// The assistant answers this question from now on.
    pub(crate) async fn knows(&self, question: &str, answer: &str) -> Faq {
        let faq = NewFaq {
            question: question.to_owned(),
            answer: answer.to_owned(),
            ..NewFaq::default()
        };
        self.keeps(faq).await
    }

    /// The same, with all that a FAQ can have.
    pub(crate) async fn keeps(&self, faq: NewFaq) -> Faq {
        let scope = self.admin.scope().await;
        self.hub.create_faq(&scope, faq).await.unwrap()
    }

    /// The assistant does not answer that any more.
    pub(crate) async fn forgets(&self, faq: &Faq) {
        let scope = self.admin.scope().await;
        self.hub.delete_faq(&scope, faq.id).await.unwrap();
    }

    /// What the assistant works by.
    pub(crate) async fn settings(&self) -> Arc<AssistantSettings> {
        self.hub.get_settings(&self.admin.scope().await).unwrap()
    }

    /// The assistant works by these settings from now on.
    pub(crate) async fn decides(&self, change: impl FnOnce(&mut AssistantSettings) + Send) {
        let scope = self.admin.scope().await;
        self.hub.change_settings(&scope, change).await.unwrap();
    }
}
