//! `/api/v1/chat/faqs`: the questions asked often, for everybody to read. Reading one is counted.

use futures_util::FutureExt;

use super::number;
use super::paging::{Asked, ListedOut};
use super::wire::faqs::FaqOut;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Param, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/v1/chat/faqs", Access::Public, list)
        .says("List FAQs")
        .details(
            "Those of the default organization, with a credential of the caller's. `view_count` tells how often the \
             assistant answered with one or somebody opened it. With `skip` or `limit` the answer is \
             `{items, total, skip, limit}`.",
        )
        .query(&[
            Param::text("category", "Only FAQs of this category"),
            Param::SKIP,
            Param::LIMIT,
        ])
        .answers::<ListedOut<FaqOut>>(200),
    Route::look("/api/v1/chat/faqs/:faq_id", Access::Public, |call| {
        open(call).boxed()
    })
    .path(&[Param::count("faq_id", "The FAQ's number")])
    .says("Show a FAQ")
    .details("This counts as a reading.")
    .answers::<FaqOut>(200),
];

fn list(call: &Call) -> Reply {
    let asked = Asked::of(call)?;
    let category = call.query().text("category");
    let faqs = call.hub().list_read_faqs(call.scope().ok(), category)?;
    let total = u64::try_from(faqs.len()).unwrap_or(u64::MAX);
    let shown = faqs.into_iter().skip(asked.page.skip).take(asked.page.limit);
    asked.listed(shown.map(FaqOut::from).collect(), total)
}

async fn open(call: Call) -> Reply {
    let number = number(&call, "faq_id", "FAQ")?;
    let faq = call.hub().open_faq(call.scope().ok(), number).await?;
    ok(&FaqOut::from(faq))
}
