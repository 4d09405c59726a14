// The documented Socket.IO client hears what is documented: as the one who is in charge, then as the room's customer.
import assert from 'node:assert/strict';

const { HUB_URL: address, HUB_TOKEN: customerToken, HUB_ADMIN_TOKEN: adminToken } = process.env;

const opened = await fetch(`${address}/api/chat/rooms`, {
  method: 'POST',
  headers: { Authorization: `Bearer ${customerToken}`, 'Content-Type': 'application/json' },
  body: JSON.stringify({ customer_name: 'Carol' }),
});
const { room_id: room } = await opened.json();

/** Runs the sample for one type of user: its socket, and all it hears of these events. */
async function run(token, type) {
  Object.assign(process.env, { HUB_URL: `${address}/?token=${token}`, HUB_ROOM: room, HUB_USER_TYPE: type });
  const { socket } = await import(`./sample-socket.mjs?${type}`);
  const heard = { new_message: [], ai_analysis: [] };
  for (const [event, all] of Object.entries(heard)) socket.on(event, (data) => all.push(data));
  return { socket, heard };
}

async function until(what, look) {
  const deadline = Date.now() + 20_000;
  while (!look()) {
    assert.ok(Date.now() < deadline, `waited in vain for ${what}`);
    await new Promise((again) => setTimeout(again, 20));
  }
}

const admin = await run(adminToken, 'admin');
await until('its own message', () => admin.heard.new_message.length === 1);
const customer = await run(customerToken, 'customer');
await until("the customer's message", () => admin.heard.new_message.length === 2);
await until('its own message', () => customer.heard.new_message.length === 1);
await until('the analysis', () => admin.heard.ai_analysis.length === 1);

const said = admin.heard.new_message.map(({ message, user_type: type }) => [message, type]);
assert.deepEqual(said, [['message_content', 'admin'], ['message_content', 'customer']]);
assert.ok(admin.heard.new_message.every(({ timestamp }) => !Number.isNaN(Date.parse(timestamp))));
assert.deepEqual(customer.heard.new_message[0], admin.heard.new_message[1]);
const [analysis] = admin.heard.ai_analysis;
assert.deepEqual([analysis.room, analysis.message], [room, 'message_content']);
assert.ok(typeof analysis.intent === 'string' && typeof analysis.suggestion === 'string', JSON.stringify(analysis));
assert.deepEqual(customer.heard.ai_analysis, [], 'for staff alone');
for (const { socket } of [admin, customer]) socket.disconnect();
