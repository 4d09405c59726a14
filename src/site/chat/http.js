// Questions to the hub over HTTP, for what no socket tells.

/** Asks the hub over HTTP; the answer's status and body. */
export async function ask(path, token, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, { ...options, headers });
  return { status: answer.status, body: await answer.json().catch(() => ({})) };
}
