// The documented JavaScript client gets the customers and writes to one; where the channel is off, it is told so.
import assert from 'node:assert/strict';

const { HUB_URL: address, HUB_TOKEN: customerToken, HUB_ADMIN_TOKEN: adminToken } = process.env;

async function ask(method, path, token, body) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const answer = await fetch(address + path, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

const key = await ask('POST', '/api/admin/api-keys', adminToken, { name: 'sdk', scopes: ['omnichannel'] });
// A customer is known from the first conversation on.
const { data } = await ask('POST', '/api/chat/rooms', customerToken, { customer_name: 'Carol' })
  .then(({ customer_id: id }) => ask('GET', `/api/customers/${id}`, adminToken));
Object.assign(process.env, { HUB_KEY: key.key, HUB_CUSTOMER: data.id });

process.env.HUB_CHANNEL = 'WHATSAPP';
await assert.rejects(import('./sample.mjs?off'), (error) => {
  assert.deepEqual([error.code, error.errors[0].field], ['VALIDATION_ERROR', 'channel']);
  return true;
});

process.env.HUB_CHANNEL = 'WEB';
const { customers, response } = await import('./sample.mjs?on');
const { total, totalPages, ...page } = customers.pagination;
assert.deepEqual(page, { page: 1, limit: 20 });
assert.ok(total >= 1 && totalPages === Math.ceil(total / 20));
const found = customers.data.find(({ id }) => id === data.id);
const fields = ['id', 'name', 'email', 'phone', 'trustScore', 'isVerified', 'tags', 'lastInteraction'];
assert.deepEqual(fields.filter((field) => !(field in found)), []);

const { role, content, channel, status, customerId } = response.data;
assert.deepEqual([role, content, channel, customerId], ['ASSISTANT', 'Hello!', 'WEB', data.id]);
assert.ok(['QUEUED', 'SENT', 'DELIVERED', 'READ'].includes(status), status);
