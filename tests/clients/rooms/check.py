"""The documented Python client logs in and gets the rooms as they are documented."""

import os

import requests

opened = requests.post(
    f"{os.environ['HUB_URL']}/api/chat/rooms",
    json={"customer_name": "Carol"},
    headers={"Authorization": f"Bearer {os.environ['HUB_TOKEN']}"},
    timeout=10,
).json()

from sample import login_response, rooms_response  # noqa: E402

login = login_response.json()
assert (login["token_type"], login["username"], login["user_type"]) == ("bearer", "admin", "admin"), login
assert rooms_response.status_code == 200, rooms_response.text
room = next(room for room in rooms_response.json() if room["id"] == opened["room_id"])
assert (room["customer_id"], room["customer_name"]) == (opened["customer_id"], "Carol"), room
assert (room["status"], room["message_count"]) == ("active", 0), room
