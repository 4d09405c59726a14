//! `/api/admin/organizations`: further organizations, made by the operator.

use futures_util::FutureExt;

use super::wire::{OrganizationIn, OrganizationOut};
use crate::http::failure::named;
use crate::http::reply::created;
use crate::http::route::{Access, Call, Reply, Route};

pub(super) const ROUTES: &[Route] = &[Route::post("/api/admin/organizations", Access::Admin, |call| {
    create(call).boxed()
})
.says("Make another organization, with its admin")
.details("For admins of the default organization, who operate the hub.")
.takes::<OrganizationIn>()
.answers::<OrganizationOut>(201)];

async fn create(call: Call) -> Reply {
    let OrganizationIn {
        name,
        admin_email,
        admin_password,
    } = call.json()?;
    let made = call
        .hub()
        .create_organization(call.scope()?, &name, admin_email, admin_password)
        .await;
    let (organization, admin) = made.map_err(named(&[
        ("email", "adminEmail"),
        ("username", "adminEmail"),
        ("password", "adminPassword"),
    ]))?;
    created(&OrganizationOut::new(&organization, &admin))
}
