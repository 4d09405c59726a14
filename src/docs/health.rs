//! What belongs to no family: `/health`, `/ready` and `/metrics`, which are no routes of a table.

use serde_json::{Value, json};
use utoipa::openapi::path::{HttpMethod, Operation, Paths};

use super::components::{Components, Finished, prefix};
use super::tags;
use crate::http::health::{AliveOut, ReadyOut};
use crate::http::route::doc::Shape;

/// Adds the three paths and their wire types.
pub(super) fn tell(paths: &mut Paths, finished: &mut Finished) {
    let mut components = Components::of("hub");
    let alive = components.written(Shape::of::<AliveOut>());
    let ready = components.written(Shape::of::<ReadyOut>());
    components.finish(finished);
    let json = |schema: &Value| json!({"application/json": {"schema": schema}});
    let told = [
        (
            "/health",
            "Tell how the hub is",
            json!({"200": {"description": "The process can answer; `status` says how it is", "content": json(&alive)}}),
        ),
        (
            "/ready",
            "Tell whether requests will be served",
            json!({
                "200": {"description": "They will", "content": json(&ready)},
                "503": {"description": "Starting, draining or unable to write", "content": json(&ready)},
            }),
        ),
        (
            "/metrics",
            "Show what was counted, for Prometheus",
            json!({"200": {"description": "Prometheus' text format", "content": {"text/plain": {"schema": {"type": "string"}}}}}),
        ),
    ];
    for (path, summary, responses) in told {
        if let Some(operation) = operation(path, summary, &responses) {
            paths.add_path_operation(path, vec![HttpMethod::Get], operation);
        }
    }
}

fn operation(path: &str, summary: &str, responses: &Value) -> Option<Operation> {
    let operation = json!({
        "tags": [tags::HEALTH], "operationId": format!("get{}", prefix(path.trim_start_matches('/'))),
        "summary": summary, "responses": responses, "security": [{}],
    });
    serde_json::from_value(operation).ok()
}
