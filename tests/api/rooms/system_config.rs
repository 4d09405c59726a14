//! `/api/admin/system-config`: read and changed by admins, for their own organization.

use serde_json::json;

use crate::support::World;

const PATH: &str = "/api/admin/system-config";

#[tokio::test]
async fn what_is_changed_is_read_again_and_the_rest_stays() {
    let world = World::start().await;
    let before = world.admin.get(PATH).await.body;
    for field in [
        "auto_reply_enabled",
        "max_response_length",
        "ai_confidence_threshold",
        "response_style_default",
    ] {
        assert!(!before[field].is_null(), "{field}: {before}");
    }
    let change = json!({"auto_reply_enabled": false, "max_response_length": 300,
        "ai_confidence_threshold": 0.65, "response_style_default": "formal"});
    let changed = world.admin.put(PATH, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let mut expected = before.clone();
    for (field, value) in change.as_object().unwrap() {
        expected[field] = value.clone();
    }
    assert_eq!(changed.body, expected);
    assert_eq!(world.admin.get(PATH).await.body, expected);
    let other_admin = world.other_admin().await;
    assert_eq!(other_admin.get(PATH).await.body, before);
}
