// The documented JavaScript client logs in and gets the rooms as they are documented.
import assert from 'node:assert/strict';

const opened = await fetch(`${process.env.HUB_URL}/api/chat/rooms`, {
  method: 'POST',
  headers: { Authorization: `Bearer ${process.env.HUB_TOKEN}`, 'Content-Type': 'application/json' },
  body: JSON.stringify({ customer_name: 'Carol' }),
});
const { room_id: id, customer_id: customer } = await opened.json();

const { loginResponse, roomsResponse } = await import('./sample.mjs');
const { access_token: token, token_type: kind, user_id: user, username, user_type: type } = loginResponse.data;
assert.deepEqual([kind, username, type], ['bearer', 'admin', 'admin']);
assert.ok(typeof token === 'string' && typeof user === 'string');

const room = roomsResponse.data.find((found) => found.id === id);
const { customer_id: of, customer_name: name, status, message_count: count } = room;
assert.deepEqual([of, name, status, count], [customer, 'Carol', 'active', 0]);
assert.ok([room.created_at, room.last_message_at].every((time) => !Number.isNaN(Date.parse(time))));
