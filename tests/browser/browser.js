// Chromium for the tests, and what they look at on the page.

import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { PATIENCE } from "./hub.js";

const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
/** What Chromium says of a wrong password, and while the hub is down; anything else on the console is a defect. */
const EXPECTED = /status of 401|ERR_CONNECTION_|ERR_EMPTY_RESPONSE|ERR_INVALID_HTTP_RESPONSE|WebSocket connection to/;

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
}

/** Where pictures of the pages go: a folder in SWITCHBOARD_SHOTS, else a new temporary one. */
export async function shotsFolder() {
  const named = process.env.SWITCHBOARD_SHOTS;
  if (!named) return mkdtemp(join(tmpdir(), "switchboard-shots-"));
  await mkdir(named, { recursive: true });
  return named;
}

/** A page of its own visitor, with what went wrong on it. */
export async function visit(browser, address, { width = 1280, height = 860, scheme = "light" } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: "en-GB" });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => {
    const isProblem = ["error", "warning"].includes(message.type()) && !EXPECTED.test(message.text());
    if (isProblem) page.problems.push(message.text());
  });
  await page.goto(address);
  return page;
}

/** The messages one side of the page shows, as they stand there. */
export function shown(page, side) {
  return page.locator(`${side} .sent .message`).evaluateAll((nodes) => nodes.map((node) => ({
    sequence: Number(node.dataset.sequence),
    sender: node.dataset.sender,
    text: node.querySelector(".text").textContent,
  })));
}

/** Waits until a message with these words stands there. */
export function sees(page, side, text) {
  return page.locator(`${side} .sent .message .text`).filter({ hasText: text }).last().waitFor();
}

/** Waits for the state of a side's connection. */
export function linked(page, side, state) {
  return page.locator(`${side} .link[data-state="${state}"]`).waitFor();
}

/** Types into a side's composer and sends with the keyboard. */
export async function write(page, side, text) {
  const field = page.locator(`${side} textarea`);
  await field.fill(text);
  await field.press("Enter");
}
