//! `/api/auth`: register, log in, and what a caller does with its own account.
//!
//! Anybody registers as a customer; `user_type` "admin" needs an admin's token.

use futures_util::FutureExt;

use super::wire::{LoggedOutOut, LoginIn, MeOut, PasswordIn, RegisterIn, TokenOut, UserType};
use crate::http::failure::named;
use crate::http::reply::ok;
use crate::http::route::{Access, Call, Reply, Route};

pub(super) const ROUTES: &[Route] = &[
    Route::post("/api/auth/register", Access::Public, |call| {
        register(call).boxed()
    })
    .secret()
    .says("Register, and log in at once")
    .details("Anybody registers as a customer; `user_type` \"admin\" needs an admin's token.")
    .takes::<RegisterIn>()
    .answers::<TokenOut>(200),
    Route::post("/api/auth/login", Access::Public, |call| login(call).boxed())
        .secret()
        .says("Log in")
        .takes::<LoginIn>()
        .answers::<TokenOut>(200),
    Route::read("/api/auth/me", Access::Caller, me)
        .says("Show the caller's account")
        .answers::<MeOut>(200),
    Route::act("/api/auth/logout", Access::Caller, |call| logout(call).boxed())
        .says("End every token of the caller")
        .answers::<LoggedOutOut>(200),
    Route::act("/api/auth/refresh", Access::Caller, |call| {
        async move { refresh(&call) }.boxed()
    })
    .secret()
    .says("Get a fresh token")
    .answers::<TokenOut>(200),
    Route::post("/api/auth/password", Access::Caller, |call| {
        change_password(call).boxed()
    })
    .secret()
    .says("Change the caller's password")
    .details("All other tokens of the account end; the answer has a new one.")
    .takes::<PasswordIn>()
    .answers::<TokenOut>(200),
];

async fn register(call: Call) -> Reply {
    let (new, user_type) = call.json::<RegisterIn>()?.into_parts();
    let caller = call.scope().ok();
    let login = match user_type {
        UserType::Customer => call.hub().register(caller, new).await?,
        UserType::Admin => call.hub().register_admin(caller, new).await?,
    };
    ok(&TokenOut::from(&login))
}

async fn login(call: Call) -> Reply {
    let LoginIn { username, password } = call.json()?;
    let login = call.hub().login(&username, &password, call.address()).await?;
    ok(&TokenOut::from(&login))
}

fn me(call: &Call) -> Reply {
    let account = call.hub().me(call.scope()?)?;
    ok(&MeOut::from(account.as_ref()))
}

async fn logout(call: Call) -> Reply {
    call.hub().logout(call.scope()?).await?;
    ok(&LoggedOutOut {
        message: "Logged out",
    })
}

fn refresh(call: &Call) -> Reply {
    let login = call.hub().refresh(call.scope()?)?;
    ok(&TokenOut::from(&login))
}

async fn change_password(call: Call) -> Reply {
    let PasswordIn {
        old_password,
        new_password,
    } = call.json()?;
    let changed = call
        .hub()
        .change_password(call.scope()?, &old_password, &new_password)
        .await;
    let login = changed.map_err(named(&[("password", "new_password")]))?;
    ok(&TokenOut::from(&login))
}
