# The documented commands; address and token come from the environment.

# Login
curl -X POST "$HUB_URL/api/auth/login" \
  -H "Content-Type: application/json" \
  -d '{"username": "admin", "password": "password"}'

# Get chat rooms
curl -X GET "$HUB_URL/api/chat/rooms" \
  -H "Authorization: Bearer $HUB_TOKEN"
