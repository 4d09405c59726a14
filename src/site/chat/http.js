// Questions to the hub over HTTP, for what no socket tells.

async function call(path, token, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  return fetch(path, { ...options, headers });
}

/** Asks the hub over HTTP; the answer's status and body. */
export async function ask(path, token, options) {
  const answer = await call(path, token, options);
  return { status: answer.status, body: await answer.json().catch(() => ({})) };
}

/** Asks for something that is no JSON; the answer itself. */
export function load(path, token) {
  return call(path, token, { headers: { Accept: "*/*" } });
}

/** What an answer says went wrong, in whichever family's form. */
export function problem({ status, body }) {
  if (status === 0) return "The hub cannot be reached.";
  const { message, details } = body?.error ?? {};
  const why = (typeof details === "string" && details) || (message ?? body?.detail ?? body?.message);
  return typeof why === "string" && why ? why : "That did not work.";
}
