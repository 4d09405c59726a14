// What tests do at the agent's desk: sign in, open its boards, join a conversation.

import { visit } from "./browser.js";
import { PASSWORD, until } from "./hub.js";

/** The desk's conversation on the page. */
export const DESK = "#desk-chat";
/** Time what comes by a channel may take to be taken in, and the desk's list to show it, milliseconds. */
export const ARRIVAL = 60_000;

export async function signIn(page, username = "admin") {
  await page.getByLabel("Username or email").fill(username);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(`Signed in as ${username}`).waitFor();
}

/** A page with somebody signed in at the desk. */
export async function openDesk(browser, hub, options = {}, username = "admin") {
  const page = await visit(browser, `${hub.origin}/#desk`, { width: 1400, ...options });
  await signIn(page, username);
  return page;
}

/** The button of one of the desk's boards, or of its conversations. */
export function place(page, name) {
  return page.getByRole("navigation", { name: "Agent’s desk" }).getByRole("button", { name });
}

/** Opens this session from the list. */
export async function join(page, { id }) {
  const back = page.getByRole("button", { name: "All conversations" });
  if (await back.isVisible()) await back.click();
  await place(page, "Conversations").click();
  await page.locator(`#sessions [data-session="${id}"]`).getByRole("button").click({ timeout: ARRIVAL });
  await page.locator(`${DESK} .message`).first().waitFor();
}

/** Asks the hub's API as whoever holds this token. */
export async function ask(hub, token, path, options = {}) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const answer = await fetch(hub.origin + path, { headers, ...options });
  return answer.json();
}

/** The session with a customer of this name, once it is there. */
export function session(hub, token, customer) {
  return until(`a session with ${customer}`, async () => {
    const { sessions } = await ask(hub, token, "/api/admin/sessions/active?limit=100");
    return sessions.find((one) => one.customerName === customer && one.lastSequence > 0);
  }, ARRIVAL);
}

/** The messages of the conversation that is open, those with these words. */
export function said(page, text) {
  return page.locator(`${DESK} .sent .message`).filter({ hasText: text });
}

/** A second of a tone, as a WAV file. */
export function wave() {
  const rate = 8_000;
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + rate * 2, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(rate * 2, 40);
  const sound = Buffer.alloc(rate * 2);
  for (let at = 0; at < rate; at += 1) sound.writeInt16LE(Math.round(8_000 * Math.sin(at / 3)), at * 2);
  return Buffer.concat([head, sound]);
}
