// The documented JavaScript client gets the answers that are documented.
import assert from 'node:assert/strict';

const taught = await fetch(`${process.env.HUB_URL}/api/faq`, {
  method: 'POST',
  headers: {
    Authorization: `Bearer ${process.env.HUB_ADMIN_TOKEN}`,
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({
    question: 'How do I reset my password?',
    answer: "To reset your password, click on 'Forgot Password'.",
  }),
});
assert.equal(taught.status, 201);

const { client, response } = await import('./sample.mjs');
assert.equal(response.response, "To reset your password, click on 'Forgot Password'.");
assert.ok(Number.isInteger(response.conversation_id) && Number.isInteger(response.tokens_used));
assert.ok(Number.isInteger(response.response_time));

const again = await client.sendMessage('Hello', response.conversation_id);
assert.equal(again.conversation_id, response.conversation_id);

const log = await client.createLog('Unable to login', 'I keep getting invalid credentials error', 'support');
assert.ok(Number.isInteger(log.id));
assert.deepEqual([log.log_type, log.status, log.priority], ['support', 'open', 'medium']);
assert.equal(log.updated_at, null);
