// The documented JavaScript client; address, key, customer and channel come from the environment.
import { OmnichannelAI } from 'omnichannel-ai-sdk';

const client = new OmnichannelAI({
  apiKey: process.env.HUB_KEY,
  baseURL: process.env.HUB_URL
});

// Get customers
const customers = await client.customers.list({
  page: 1,
  limit: 20
});

// Send message
const response = await client.conversations.sendMessage({
  customerId: process.env.HUB_CUSTOMER,
  content: 'Hello!',
  channel: process.env.HUB_CHANNEL
});

export { customers, response };
