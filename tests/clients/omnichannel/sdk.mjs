// Stands in for the library that the documented client imports, which was never published: each method is one request
// of the document, the key goes where every request has its token, and what comes back is the answer's body.

/** An answer that tells of no success. */
export class OmnichannelError extends Error {
  constructor({ message, code, errors }) {
    super(message);
    Object.assign(this, { code, errors });
  }
}

export class OmnichannelAI {
  #baseURL;
  #headers;

  constructor({ apiKey, baseURL }) {
    this.#baseURL = baseURL;
    this.#headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
  }

  customers = {
    list: (query) => this.#ask('GET', `/api/customers?${new URLSearchParams(query)}`),
  };

  conversations = {
    sendMessage: (body) => this.#ask('POST', '/api/conversations/messages', body),
  };

  async #ask(method, path, body) {
    const answer = await fetch(this.#baseURL + path, { method, headers: this.#headers, body: JSON.stringify(body) });
    const read = await answer.json();
    if (!read.success) throw new OmnichannelError(read);
    return read;
  }
}
