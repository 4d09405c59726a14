// The documented JavaScript client; address and token come from the environment.

class AICustomerServiceClient {
  constructor(baseUrl, token) {
    this.baseUrl = baseUrl;
    this.headers = {
      'Authorization': `Bearer ${token}`,
      'Content-Type': 'application/json'
    };
  }

  async sendMessage(message, conversationId = null) {
    const data = { message };
    if (conversationId) {
      data.conversation_id = conversationId;
    }

    const response = await fetch(`${this.baseUrl}/api/v1/chat/chat`, {
      method: 'POST',
      headers: this.headers,
      body: JSON.stringify(data)
    });

    return await response.json();
  }

  async createLog(title, description, logType = 'inquiry') {
    const data = {
      title,
      description,
      log_type: logType
    };

    const response = await fetch(`${this.baseUrl}/api/v1/logs/logs`, {
      method: 'POST',
      headers: this.headers,
      body: JSON.stringify(data)
    });

    return await response.json();
  }
}

// Usage
const client = new AICustomerServiceClient(process.env.HUB_URL, process.env.HUB_TOKEN);
const response = await client.sendMessage('How do I reset my password?');
console.log(response.response);

export { client, response };
