//! Agents and their desk.

use switchboard_domain::scope::Scope;
use tokio::sync::oneshot;

use super::{Hub, staff_only};
use crate::desk::{DeskCommand, DeskFigures};
use crate::error::HubError;

impl Hub {
    /// How many conversations wait and how many agents are online. Staff alone.
    pub async fn desk_figures(&self, scope: &Scope) -> Result<DeskFigures, HubError> {
        staff_only(scope)?;
        let (reply, figures) = oneshot::channel();
        self.links
            .desk
            .send(DeskCommand::Figures(scope.organization, reply))?;
        figures.await.map_err(|_| HubError::Unavailable)
    }
}
