//! `/api/customers`: whom the organization serves, and what it knows of them. Staff and services.

use futures_util::FutureExt;
use switchboard_actors::error::HubError;
use switchboard_actors::hub::conversations::ConversationFilter;
use switchboard_actors::hub::customers::CustomerFilter;
use switchboard_domain::id::CustomerId;

use super::wire::conversations::ConversationOut;
use super::wire::customers::{CustomerIn, CustomerOut};
use super::wire::exports::ExportOut;
use super::wire::{Data, Flag, Listed};
use crate::http::page::Numbered;
use crate::http::reply::{created, no_content, ok};
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Customers on a page, unless the caller says otherwise.
const PAGE: usize = 20;
/// A customer's conversations on a page, unless the caller says otherwise.
const CONVERSATIONS_PAGE: usize = 10;

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/customers", Access::Staff, list)
        .says("List customers")
        .query(&[
            Param::PAGE,
            Param::LIMIT,
            Param::text("search", "Part of a name or email, or digits of a phone number"),
            Param::flag("verified", "Only customers whose identity is verified, or is not"),
            Param::text("tags", "Tags a customer must all have, with commas between them"),
        ])
        .answers::<Listed<CustomerOut>>(200),
    Route::post("/api/customers", Access::Staff, |call| create(call).boxed())
        .says("Add a customer")
        .takes::<CustomerIn>()
        .answers::<Data<CustomerOut>>(201),
    Route::read("/api/customers/:id", Access::Staff, get)
        .says("Show a customer")
        .answers::<Data<CustomerOut>>(200),
    Route::put("/api/customers/:id", Access::Staff, |call| change(call).boxed())
        .says("Change a customer")
        .details("What is absent or null stays as it is; an empty email or phone is taken away.")
        .takes::<CustomerIn>()
        .answers::<Data<CustomerOut>>(200),
    Route::delete("/api/customers/:id", Access::Admin, |call| erase(call).boxed())
        .says("Erase a customer")
        .details(
            "Removes the customer with its account, conversations, messages, files, memories and logs. Backups and bytes \
             that the store has not compacted yet are not reached.",
        )
        .answers_nothing(),
    Route::look("/api/customers/:id/export", Access::Staff, |call| {
        export(call).boxed()
    })
    .says("Export all that is kept of a customer")
    .answers::<Data<ExportOut>>(200),
    Route::read("/api/customers/:id/conversations", Access::Caller, conversations)
        .says("List a customer's conversations")
        .details("Newest first. Customers see their own.")
        .query(&[Param::PAGE, Param::LIMIT])
        .answers::<Listed<ConversationOut>>(200),
];

fn list(call: &Call) -> Reply {
    let page = Numbered::of(call.query(), PAGE)?;
    let filter = CustomerFilter {
        search: call.query().text("search").map(ToOwned::to_owned),
        verified: call.query().word("verified")?.map(|Flag(verified)| verified),
        tags: tags(call.query().text("tags")),
    };
    let found = call
        .hub()
        .list_customers(call.scope()?, &filter, page.skip(), page.limit)?;
    ok(&Listed::of(page, found.items, found.total, CustomerOut::from))
}

async fn erase(call: Call) -> Reply {
    call.hub().erase_customer(call.scope()?, id(&call)?).await?;
    no_content()
}

async fn export(call: Call) -> Reply {
    let all = call.hub().export_customer(call.scope()?, id(&call)?).await?;
    ok(&Data::new(ExportOut::from(all)))
}

/// The words between commas; none of an empty text.
fn tags(text: Option<&str>) -> Vec<String> {
    let parts = text.unwrap_or_default().split(',').map(str::trim);
    parts
        .filter(|tag| !tag.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

async fn create(call: Call) -> Reply {
    let customer: CustomerIn = call.json()?;
    let made = call.hub().create_customer(call.scope()?, customer.into()).await?;
    created(&Data::new(CustomerOut::from(made)))
}

fn get(call: &Call) -> Reply {
    let found = call.hub().get_customer_profile(call.scope()?, id(call)?)?;
    ok(&Data::new(CustomerOut::from(found)))
}

async fn change(call: Call) -> Reply {
    let customer: CustomerIn = call.json()?;
    let changed = call
        .hub()
        .update_customer(call.scope()?, id(&call)?, customer.into())
        .await?;
    ok(&Data::new(CustomerOut::from(changed)))
}

fn conversations(call: &Call) -> Reply {
    let page = Numbered::of(call.query(), CONVERSATIONS_PAGE)?;
    let customer = call.hub().get_customer(call.scope()?, id(call)?)?;
    let filter = ConversationFilter {
        customer: Some(customer.id),
        ..ConversationFilter::default()
    };
    let found = call
        .hub()
        .list_conversations(call.scope()?, filter, page.skip(), page.limit)?;
    ok(&Listed::of(page, found.items, found.total, ConversationOut::from))
}

fn id(call: &Call) -> Result<CustomerId, HubError> {
    CustomerId::parse(call.path("id")).ok_or(HubError::NotFound("customer"))
}
