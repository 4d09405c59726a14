"""The documented Python client gets the answers that are documented."""

import os

import requests

ANSWER = "To reset your password, click on 'Forgot Password'."
taught = requests.post(
    f"{os.environ['HUB_URL']}/api/faq",
    json={"question": "How do I reset my password?", "answer": ANSWER},
    headers={"Authorization": f"Bearer {os.environ['HUB_ADMIN_TOKEN']}"},
    timeout=10,
)
assert taught.status_code == 201, taught.text

from sample import client, response  # noqa: E402

assert response["response"] == ANSWER, response
assert isinstance(response["conversation_id"], int) and isinstance(response["tokens_used"], int), response
assert isinstance(response["response_time"], int), response

again = client.send_message("Hello", response["conversation_id"])
assert again["conversation_id"] == response["conversation_id"], again

log = client.create_log("Unable to login", "I keep getting invalid credentials error")
assert isinstance(log["id"], int) and (log["log_type"], log["status"]) == ("inquiry", "open"), log
assert log["priority"] == "medium" and log["updated_at"] is None and log["resolved_at"] is None, log
