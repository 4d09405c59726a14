//! `/auth`: register, log in, and what a caller does with its own account.

use futures_util::FutureExt;

use super::wire::accounts::{LoginIn, RegisterIn, TokenOut, UserOut};
use crate::http::failure::named;
use crate::http::reply::{created, no_content, ok};
use crate::http::route::{Access, Call, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::post("/auth/register", Access::Public, |call| register(call).boxed())
        .says("Register a customer")
        .details("With an admin's token the customer is of that admin's organization.")
        .takes::<RegisterIn>()
        .answers::<UserOut>(201),
    Route::post("/auth/login", Access::Public, |call| login(call).boxed())
        .secret()
        .says("Log in")
        .details("`email` takes the username, too.")
        .takes::<LoginIn>()
        .answers::<TokenOut>(200),
    Route::read("/auth/me", Access::Caller, me)
        .says("Show the caller's account")
        .answers::<UserOut>(200),
    Route::act("/auth/refresh", Access::Caller, |call| {
        async move { refresh(&call) }.boxed()
    })
    .secret()
    .says("Get a fresh token")
    .details("The present one stands until it expires.")
    .answers::<TokenOut>(200),
    Route::act("/auth/logout", Access::Caller, |call| logout(call).boxed())
        .says("End the token of this call")
        .answers_nothing(),
];

async fn register(call: Call) -> Reply {
    let new: RegisterIn = call.json()?;
    let registered = call.hub().register(call.scope().ok(), new.into()).await;
    let login = registered.map_err(named(&[
        ("username", "email"),
        ("first_name", "name"),
        ("last_name", "name"),
    ]))?;
    created(&UserOut::from(login.account.as_ref()))
}

async fn login(call: Call) -> Reply {
    let LoginIn { email, password } = call.json()?;
    let login = call.hub().login(&email, &password, call.address()).await?;
    ok(&TokenOut::from(&login))
}

fn me(call: &Call) -> Reply {
    let account = call.hub().me(call.scope()?)?;
    ok(&UserOut::from(account.as_ref()))
}

fn refresh(call: &Call) -> Reply {
    let login = call.hub().refresh(call.scope()?)?;
    ok(&TokenOut::from(&login))
}

async fn logout(call: Call) -> Reply {
    call.hub().logout(call.scope()?).await?;
    no_content()
}
