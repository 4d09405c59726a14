//! `/api/admin/api-keys`: keys that services call with. A key's text is shown once, when it is made.

use futures_util::FutureExt;
use switchboard_actors::error::HubError;
use switchboard_domain::id::ApiKeyId;

use super::wire::{ApiKeyIn, ApiKeyOut, ApiKeysOut, NewApiKeyOut};
use crate::http::reply::{created, no_content, ok};
use crate::http::route::{Access, Call, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/admin/api-keys", Access::Admin, list)
        .says("List API keys")
        .answers::<ApiKeysOut>(200),
    Route::post("/api/admin/api-keys", Access::Admin, |call| create(call).boxed())
        .secret()
        .says("Issue an API key")
        .details(
            "The answer is the only place its text is ever shown. `scopes` are names of families; \
             none means all.",
        )
        .takes::<ApiKeyIn>()
        .answers::<NewApiKeyOut>(201),
    Route::delete("/api/admin/api-keys/:id", Access::Admin, |call| {
        delete(call).boxed()
    })
    .says("Revoke an API key")
    .answers_nothing(),
];

fn list(call: &Call) -> Reply {
    let keys = call.hub().list_api_keys(call.scope()?)?;
    ok(&ApiKeysOut {
        api_keys: keys.iter().map(ApiKeyOut::from).collect(),
    })
}

async fn create(call: Call) -> Reply {
    let key: ApiKeyIn = call.json()?;
    let scopes = key.scopes.unwrap_or_default();
    let (made, text) = call
        .hub()
        .create_api_key(call.scope()?, &key.name, &scopes)
        .await?;
    created(&NewApiKeyOut::new(&made, text))
}

async fn delete(call: Call) -> Reply {
    let id = ApiKeyId::parse(call.path("id")).ok_or(HubError::NotFound("API key"))?;
    call.hub().delete_api_key(call.scope()?, id).await?;
    no_content()
}
