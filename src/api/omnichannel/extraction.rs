//! `/api/faq/extract`: FAQs that could be written, from what customers ask. Staff and services.

use futures_util::FutureExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use switchboard_domain::extraction::Candidate;

use super::wire::Data;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Reply, Route};
use crate::http::wire::Count;

/// Times a question must have been asked, unless the caller says otherwise.
const FREQUENCY: usize = 5;
/// Candidates told, unless the caller says otherwise, and at most.
const RESULTS: usize = 10;
const MAX_RESULTS: usize = 100;

pub(super) const ROUTES: &[Route] = &[Route::post("/api/faq/extract", Access::Staff, |call| {
    extract(call).boxed()
})
.says("Find FAQs that could be written")
.details(
    "Puts together like questions of the last thirty days that no FAQ answers. They are told, not stored: \
             write those that are meant for everybody with `POST /api/faq`.",
)
.takes::<ExtractIn>()
.answers::<Data<ExtractedOut>>(200)];

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ExtractIn {
    /// Times a question must have been asked; 5 without.
    min_frequency: Option<Count>,
    /// The most candidates told; 10 without, at most 100.
    max_results: Option<Count>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ExtractedOut {
    /// How many there are.
    extracted: usize,
    faqs: Vec<CandidateOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CandidateOut {
    question: String,
    /// What was answered most often; null where nobody answered.
    answer: Option<String>,
    /// How often it was asked, in whatever words.
    frequency: u64,
    /// How alike the questions behind it are, 0.0 to 1.0.
    confidence: f64,
}

impl From<Candidate> for CandidateOut {
    fn from(candidate: Candidate) -> Self {
        Self {
            question: candidate.question,
            answer: candidate.answer,
            frequency: candidate.frequency,
            confidence: candidate.confidence.rounded(),
        }
    }
}

async fn extract(call: Call) -> Reply {
    let wanted: ExtractIn = call.json()?;
    let least = wanted.min_frequency.map_or(FREQUENCY, |Count(least)| least);
    let most = wanted.max_results.map_or(RESULTS, |Count(most)| most);
    let least = u64::try_from(least).unwrap_or(u64::MAX);
    let found = call
        .hub()
        .extract_faqs(call.scope()?, least, most.min(MAX_RESULTS))
        .await?;
    let faqs: Vec<_> = found.into_iter().map(CandidateOut::from).collect();
    ok(&Data::new(ExtractedOut {
        extracted: faqs.len(),
        faqs,
    }))
}
