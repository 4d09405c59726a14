//! The sample shop of `--demo`: a test account, and FAQs and knowledge articles of an outdoor shop.
//!
//! Loaded once into the default organization; a store that has FAQs already is left as it is.

use serde::Deserialize;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::Hub;
use switchboard_actors::hub::accounts::NewAccount;
use switchboard_actors::hub::knowledge::{NewFaq, NewPassage};
use switchboard_domain::passages::passages;
use switchboard_domain::scope::Scope;

/// The test account's email; it exists in a demo alone.
pub const EMAIL: &str = "test@example.com";
/// The test account's password.
pub const PASSWORD: &str = "testpassword123";

const FAQS: &str = include_str!("../demo/faqs.json");
const KNOWLEDGE: &str = include_str!("../demo/knowledge.json");

#[derive(Deserialize)]
struct SampleFaq {
    question: String,
    answer: String,
    category: String,
    question_variants: Vec<String>,
}

#[derive(Deserialize)]
struct SampleArticle {
    title: String,
    content: String,
    url: String,
}

/// Loads whatever of the sample is not there yet.
///
/// # Errors
/// When the store refuses it.
pub async fn load(hub: &Hub) -> Result<(), HubError> {
    register_test_account(hub).await?;
    let organization = hub.credentials().default_organization()?;
    if !hub.list_faqs(organization, None)?.is_empty() {
        return Ok(());
    }
    tracing::info!("loading the sample shop");
    let scope = Scope::hub(organization);
    let faqs: Vec<SampleFaq> = serde_json::from_str(FAQS).map_err(HubError::internal)?;
    for SampleFaq {
        question,
        answer,
        category,
        question_variants: variants,
    } in faqs
    {
        hub.create_faq(
            &scope,
            NewFaq {
                question,
                answer,
                category,
                variants,
            },
        )
        .await?;
    }
    let articles: Vec<SampleArticle> = serde_json::from_str(KNOWLEDGE).map_err(HubError::internal)?;
    for article in articles {
        load_article(hub, &scope, article).await?;
    }
    Ok(())
}

async fn register_test_account(hub: &Hub) -> Result<(), HubError> {
    let account = NewAccount {
        username: Some("test".to_owned()),
        email: EMAIL.to_owned(),
        password: PASSWORD.to_owned(),
        first_name: "Test".to_owned(),
        last_name: "Customer".to_owned(),
    };
    match hub.register_customer(account).await {
        // Taken: it was loaded at an earlier start.
        Ok(_) | Err(HubError::Invalid { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn load_article(hub: &Hub, scope: &Scope, article: SampleArticle) -> Result<(), HubError> {
    for text in passages(&article.content) {
        let passage = NewPassage {
            title: article.title.clone(),
            text,
            source: "knowledge_base".to_owned(),
            source_id: None,
            url: Some(article.url.clone()),
        };
        hub.store_passage(scope, passage).await?;
    }
    Ok(())
}
