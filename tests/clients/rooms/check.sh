#!/usr/bin/env bash
# The documented commands log in and get the rooms as they are documented.
set -euo pipefail

opened="$(curl --silent --fail -X POST "$HUB_URL/api/chat/rooms" -H "Authorization: Bearer $HUB_TOKEN" \
  -H "Content-Type: application/json" -d '{"customer_name": "Carol"}')"
# One answer comes right behind the other.
answers="$(bash sample.sh 2>/dev/null)"

python3 - "$opened" "$answers" <<'PYTHON'
import json
import sys

opened, answers = json.loads(sys.argv[1]), sys.argv[2]
login, end = json.JSONDecoder().raw_decode(answers)
assert (login["token_type"], login["user_type"]) == ("bearer", "admin"), login
rooms = json.loads(answers[end:])
assert [room["id"] for room in rooms] == [opened["room_id"]], rooms
assert (rooms[0]["customer_name"], rooms[0]["status"], rooms[0]["message_count"]) == ("Carol", "active", 0), rooms
PYTHON
