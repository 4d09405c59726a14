//! `/api/admin/users`: the accounts of an organization, for its admins.

use futures_util::FutureExt;
use switchboard_actors::error::HubError;
use switchboard_domain::account::Role;
use switchboard_domain::id::AccountId;

use super::convert::named_organization;
use super::wire::{PaginationOut, UserChangeIn, UserIn, UserOut, UsersOut};
use crate::http::failure::named;
use crate::http::page::Numbered;
use crate::http::reply::{created, ok};
use crate::http::route::{Access, Call, Param, Reply, Route};

/// Users on a page, unless the caller says otherwise.
const PAGE: usize = 10;

pub(super) const ROUTES: &[Route] = &[
    Route::read("/api/admin/users", Access::Admin, list)
        .says("List accounts")
        .query(&[
            Param::PAGE,
            Param::LIMIT,
            Param::word::<Role>("role", "Only accounts of this role"),
        ])
        .answers::<UsersOut>(200),
    Route::post("/api/admin/users", Access::Admin, |call| create(call).boxed())
        .says("Make an account")
        .takes::<UserIn>()
        .answers::<UserOut>(201),
    Route::read("/api/admin/users/:id", Access::Admin, get)
        .says("Show an account")
        .answers::<UserOut>(200),
    Route::put("/api/admin/users/:id", Access::Admin, |call| change(call).boxed())
        .says("Change an account's role, or disable it")
        .details("What is absent or null stays as it is.")
        .takes::<UserChangeIn>()
        .answers::<UserOut>(200),
];

fn list(call: &Call) -> Reply {
    let page = Numbered::of(call.query(), PAGE)?;
    let role = call.query().word("role")?;
    let found = call
        .hub()
        .list_accounts(call.scope()?, role, page.skip(), page.limit)?;
    ok(&UsersOut {
        users: found
            .items
            .iter()
            .map(|account| UserOut::from(account.as_ref()))
            .collect(),
        pagination: PaginationOut::of(page, found.total),
    })
}

async fn create(call: Call) -> Reply {
    let user: UserIn = call.json()?;
    let organization = named_organization(user.organization_id.as_deref())?;
    let role = user.role.0;
    let made = call
        .hub()
        .create_account(call.scope()?, user.into(), role, organization)
        .await;
    let made = made.map_err(named(&[("first_name", "firstName"), ("last_name", "lastName")]))?;
    created(&UserOut::from(made.as_ref()))
}

fn get(call: &Call) -> Reply {
    let account = call.hub().get_account(call.scope()?, id(call)?)?;
    ok(&UserOut::from(account.as_ref()))
}

async fn change(call: Call) -> Reply {
    let change: UserChangeIn = call.json()?;
    let changed = call
        .hub()
        .change_account_of_organization(call.scope()?, id(&call)?, change.into())
        .await?;
    ok(&UserOut::from(changed.as_ref()))
}

fn id(call: &Call) -> Result<AccountId, HubError> {
    AccountId::parse(call.path("id")).ok_or(HubError::NotFound("user"))
}
