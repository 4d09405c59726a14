//! What the assistant answers from: FAQs and passages, kept with their vectors; and the search over them.

use std::sync::Arc;

use switchboard_domain::id::{FaqId, OrganizationId, PassageId};
use switchboard_domain::knowledge::{Faq, IndexedSource, Passage, nearest};
use switchboard_domain::ports::engine::Batch;
use switchboard_domain::scope::Scope;
use switchboard_domain::source::Source;
use switchboard_domain::vector::PackedVector;

use super::{Hub, staff_only};
use crate::error::HubError;
use crate::index;
use crate::records::faq_views::forget_views;
use crate::records::knowledge;
use crate::records::numbers::{Numbered, insert_numbered, remove_numbered};

/// Longest question, title or category, characters.
const MAX_SHORT_CHARACTERS: usize = 500;
/// Longest answer or passage, characters.
const MAX_LONG_CHARACTERS: usize = 8_000;
/// Most other ways to ask one question.
const MAX_VARIANTS: usize = 20;

/// A FAQ to be stored.
#[derive(Debug, Clone, Default)]
pub struct NewFaq {
    /// The question as customers ask it.
    pub question: String,
    /// The answer, sent verbatim.
    pub answer: String,
    /// A word to group by; `general` when empty.
    pub category: String,
    /// Other ways to ask the same.
    pub variants: Vec<String>,
}

/// A piece of knowledge to be stored.
#[derive(Debug, Clone, Default)]
pub struct NewPassage {
    /// The article's title; may be empty.
    pub title: String,
    /// The words.
    pub text: String,
    /// Where it was taken from, as the caller says.
    pub source: String,
    /// The caller's id for the article.
    pub source_id: Option<String>,
    /// Where the customer can read more.
    pub url: Option<String>,
}

/// A passage that was stored.
#[derive(Debug, Clone)]
pub struct StoredPassage {
    /// Its id.
    pub id: PassageId,
    /// The length of the vectors of the model in use.
    pub dimensions: usize,
}

impl Hub {
    /// Stores a FAQ and lets the assistant answer from it at once. Staff and services.
    pub async fn create_faq(&self, scope: &Scope, new: NewFaq) -> Result<Faq, HubError> {
        staff_only(scope)?;
        check_faq(&new)?;
        let now = self.services.now();
        let faq = Faq {
            id: FaqId::generate(now, self.services.ports.random.as_ref()),
            number: self
                .services
                .numbers
                .take(scope.organization, Numbered::Faq, 1)
                .await?,
            organization: scope.organization,
            category: category_of(&new),
            question: new.question,
            answer: new.answer,
            variants: new.variants,
            created_at: now,
        };
        let source = index::of_faq(&self.services, &faq).await?;
        let organization = self.services.organization(scope.organization)?;
        let mut batch = Batch::new();
        knowledge::insert_faq(&mut batch, &faq, &source)?;
        insert_numbered(
            &mut batch,
            scope.organization,
            Numbered::Faq,
            faq.number,
            faq.id.as_bytes(),
        );
        self.services.records().commit(batch).await?;
        organization.put_source(&Arc::new(source));
        Ok(faq)
    }

    /// Replaces a FAQ. Staff and services.
    pub async fn update_faq(&self, scope: &Scope, id: FaqId, new: NewFaq) -> Result<Faq, HubError> {
        staff_only(scope)?;
        check_faq(&new)?;
        let old = self
            .services
            .records()
            .find_faq(scope.organization, id)?
            .ok_or(HubError::NotFound("FAQ"))?;
        let category = category_of(&new);
        let NewFaq {
            question,
            answer,
            variants,
            ..
        } = new;
        let faq = Faq {
            question,
            answer,
            category,
            variants,
            ..old.record.clone()
        };
        let source = index::of_faq(&self.services, &faq).await?;
        let organization = self.services.organization(scope.organization)?;
        let mut batch = Batch::new();
        knowledge::update_faq(&mut batch, &old, &faq, &source)?;
        self.services.records().commit(batch).await?;
        organization.put_source(&Arc::new(source));
        Ok(faq)
    }

    /// Removes a FAQ. Staff and services.
    pub async fn delete_faq(&self, scope: &Scope, id: FaqId) -> Result<(), HubError> {
        staff_only(scope)?;
        let old = self
            .services
            .records()
            .find_faq(scope.organization, id)?
            .ok_or(HubError::NotFound("FAQ"))?;
        let organization = self.services.organization(scope.organization)?;
        let mut batch = Batch::new();
        knowledge::delete_faq(&mut batch, &old);
        remove_numbered(&mut batch, scope.organization, Numbered::Faq, old.record.number);
        forget_views(&mut batch, scope.organization, id);
        self.services.records().commit(batch).await?;
        organization.remove_source(&id.to_string());
        Ok(())
    }

    /// One FAQ. Staff and services.
    pub fn get_faq(&self, scope: &Scope, id: FaqId) -> Result<Faq, HubError> {
        staff_only(scope)?;
        let stored = self.services.records().find_faq(scope.organization, id)?;
        stored
            .map(|stored| stored.record)
            .ok_or(HubError::NotFound("FAQ"))
    }

    /// FAQs of an organization, oldest first, of one category or all. Public: they are meant to be read by customers.
    pub fn list_faqs(
        &self,
        organization: OrganizationId,
        category: Option<&str>,
    ) -> Result<Vec<Faq>, HubError> {
        let mut faqs = self.services.records().list_faqs(organization, usize::MAX)?;
        faqs.retain(|faq| category.is_none_or(|category| faq.category == category));
        Ok(faqs)
    }

    /// Stores a passage and lets the assistant answer from it at once. Staff and services.
    pub async fn store_passage(&self, scope: &Scope, new: NewPassage) -> Result<StoredPassage, HubError> {
        staff_only(scope)?;
        check_long("text", &new.text)?;
        check_short("title", &new.title, true)?;
        check_short("source", &new.source, true)?;
        check_short("sourceId", new.source_id.as_deref().unwrap_or_default(), true)?;
        check_short("url", new.url.as_deref().unwrap_or_default(), true)?;
        let now = self.services.now();
        let NewPassage {
            title,
            text,
            source,
            source_id,
            url,
        } = new;
        let id = PassageId::generate(now, self.services.ports.random.as_ref());
        let organization = scope.organization;
        let passage = Passage {
            id,
            organization,
            title,
            text,
            source,
            source_id,
            url,
            created_at: now,
        };
        let source = index::of_passage(&self.services, &passage).await?;
        let cached = self.services.organization(scope.organization)?;
        let dimensions = dimensions(&source);
        let mut batch = Batch::new();
        knowledge::insert_passage(&mut batch, &passage, &source)?;
        self.services.records().commit(batch).await?;
        cached.put_source(&Arc::new(source));
        Ok(StoredPassage { id, dimensions })
    }

    /// The sources nearest to a question, best first. Everybody who may chat may search.
    pub async fn search_knowledge(
        &self,
        scope: &Scope,
        query: &str,
        limit: usize,
    ) -> Result<Vec<Source>, HubError> {
        check_long("query", query)?;
        let assistant = &self.services.ports.assistant;
        let embeddings = assistant.embed(vec![query.to_owned()]).await?;
        let embedding = embeddings
            .first()
            .ok_or_else(|| HubError::internal("no embedding came back"))?;
        let sources = self
            .services
            .organization(scope.organization)?
            .sources
            .load_full();
        Ok(nearest(
            &sources,
            &assistant.model().id,
            &PackedVector::pack(embedding),
            limit,
        ))
    }
}

/// Of the model that customers' questions are searched by: the provider's where it has read the source.
fn dimensions(source: &IndexedSource) -> usize {
    let other = source.others.first().map(|other| &other.vectors);
    let vectors = other.unwrap_or(&source.vectors);
    vectors.first().map_or(0, PackedVector::dimensions)
}

fn category_of(new: &NewFaq) -> String {
    if new.category.trim().is_empty() {
        "general".to_owned()
    } else {
        new.category.trim().to_owned()
    }
}

fn check_faq(new: &NewFaq) -> Result<(), HubError> {
    check_short("question", &new.question, false)?;
    check_long("answer", &new.answer)?;
    check_short("category", &new.category, true)?;
    if new.variants.len() > MAX_VARIANTS {
        return Err(HubError::invalid(
            "questionVariants",
            format!("must be at most {MAX_VARIANTS}"),
        ));
    }
    new.variants
        .iter()
        .try_for_each(|variant| check_short("questionVariants", variant, false))
}

fn check_short(field: &'static str, text: &str, may_be_empty: bool) -> Result<(), HubError> {
    if text.chars().count() > MAX_SHORT_CHARACTERS {
        return Err(HubError::invalid(
            field,
            format!("must be at most {MAX_SHORT_CHARACTERS} characters"),
        ));
    }
    if !may_be_empty && text.trim().is_empty() {
        return Err(HubError::invalid(field, "must not be empty"));
    }
    Ok(())
}

fn check_long(field: &'static str, text: &str) -> Result<(), HubError> {
    if text.trim().is_empty() {
        return Err(HubError::invalid(field, "must not be empty"));
    }
    if text.chars().count() > MAX_LONG_CHARACTERS {
        return Err(HubError::invalid(
            field,
            format!("must be at most {MAX_LONG_CHARACTERS} characters"),
        ));
    }
    Ok(())
}
