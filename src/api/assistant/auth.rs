//! `/api/v1/auth`: register, log in, and what a caller does with its own account.

use futures_util::FutureExt;

use super::wire::accounts::{AccountOut, LoginIn, RegisterIn, TokenOut};
use crate::http::failure::named;
use crate::http::reply::{created, no_content, ok};
use crate::http::route::{Access, Call, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::post("/api/v1/auth/register", Access::Public, |call| {
        register(call).boxed()
    })
    .says("Register a customer")
    .details("With an admin's token the customer is of that admin's organization.")
    .takes::<RegisterIn>()
    .answers::<AccountOut>(201),
    Route::post("/api/v1/auth/login", Access::Public, |call| login(call).boxed())
        .secret()
        .says("Log in")
        .details("`username` takes the email, too.")
        .takes::<LoginIn>()
        .answers::<TokenOut>(200),
    Route::read("/api/v1/auth/me", Access::Caller, me)
        .says("Show the caller's account")
        .answers::<AccountOut>(200),
    Route::act("/api/v1/auth/refresh", Access::Caller, |call| {
        async move { refresh(&call) }.boxed()
    })
    .secret()
    .says("Get a fresh token")
    .details("The present one stands until it expires.")
    .answers::<TokenOut>(200),
    Route::act("/api/v1/auth/logout", Access::Caller, |call| logout(call).boxed())
        .says("End the token of this call")
        .answers_nothing(),
];

async fn register(call: Call) -> Reply {
    let new: RegisterIn = call.json()?;
    let registered = call.hub().register(call.scope().ok(), new.into()).await;
    let login = registered.map_err(named(&[("first_name", "full_name"), ("last_name", "full_name")]))?;
    created(&AccountOut::from(login.account.as_ref()))
}

async fn login(call: Call) -> Reply {
    let LoginIn { username, password } = call.json()?;
    let login = call.hub().login(&username, &password, call.address()).await?;
    ok(&TokenOut::from(&login))
}

fn me(call: &Call) -> Reply {
    let account = call.hub().me(call.scope()?)?;
    ok(&AccountOut::from(account.as_ref()))
}

fn refresh(call: &Call) -> Reply {
    let login = call.hub().refresh(call.scope()?)?;
    ok(&TokenOut::from(&login))
}

async fn logout(call: Call) -> Reply {
    call.hub().logout(call.scope()?).await?;
    no_content()
}
