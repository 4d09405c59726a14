// A shift at the agent's desk: what is offered, whose a conversation is, and what was begun in it.

import assert from "node:assert/strict";
import { join as at } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, linked, sees, shotsFolder, visit, write } from "./browser.js";
import { ask, DESK, openDesk, said, signIn } from "./desk.js";
import { Hub, PASSWORD, until } from "./hub.js";

const SHOP = "#shop-chat";
/** How far the clock of the agent's machine is ahead, milliseconds. */
const AHEAD = 600_000;

describe("an agent's shift", () => {
  let hub, browser, shots, visitor, desk;
  before(async () => {
    [hub, browser, shots] = await Promise.all([Hub.begin({ SWITCHBOARD_LIMITS__ENABLED: "false" }), launch(), shotsFolder()]);
    visitor = await visit(browser, hub.origin);
    await linked(visitor, SHOP, "connected");
    desk = await visit(browser, `${hub.origin}/#desk`, { width: 1400 });
  });
  after(async () => {
    await browser?.close();
    await hub?.remove();
  });

  const picture = (page, name) => page.screenshot({ path: at(shots, `${name}.png`) });
  const row = (text, page = desk) => page.locator("#sessions .row").filter({ hasText: text });
  const composer = () => desk.locator(`${DESK} textarea`);
  const focused = (locator) => until("the keyboard", () => locator.evaluate((node) => node === document.activeElement));

  test("says in plain words that the password is wrong", async () => {
    await desk.getByLabel("Username or email").fill("admin");
    await desk.getByLabel("Password").fill("something else");
    await desk.getByRole("button", { name: "Sign in" }).click();
    await desk.getByText("The name or the password is wrong.").waitFor();
  });

  test("shows an offer for as long as it stands, by the hub's clock, and tells of it in the tab's title", async () => {
    await desk.addInitScript((ahead) => {
      const { now } = Date;
      Date.now = () => now() + ahead;
    }, AHEAD);
    await desk.reload();
    await signIn(desk);
    await row("nothing said yet").first().waitFor();
    assert.doesNotMatch(await desk.title(), /^\(/);
    await write(visitor, SHOP, "I want to talk to a person");
    await desk.locator("#offers .row").getByText(/\d+ s left/).waitFor();
    assert.match(await desk.title(), /^\(1\) /);
    await desk.waitForTimeout(1_500);
    assert.equal(await desk.locator("#offers .row").count(), 1);
    await picture(desk, "80-offer");
  });

  test("brings the keyboard to the answer when it is accepted, and tells whose it is now", async () => {
    await desk.locator("#offers").getByRole("button", { name: /^Accept/ }).press("Enter");
    await focused(composer());
    await desk.getByText("With you. The assistant is silent.").waitFor();
    await row("Web · you").waitFor();
    assert.doesNotMatch(await desk.title(), /^\(/);
    await write(desk, DESK, "Hello, what is it about?");
    await sees(visitor, SHOP, "what is it about?");
    await picture(desk, "81-accepted");
  });

  test("keeps an answer that was begun while the agent looks at another conversation", async () => {
    await composer().fill("It will take");
    await row("nothing said yet").first().getByRole("button").click();
    await focused(desk.locator("#case-title"));
    assert.equal(await composer().inputValue(), "");
    await row("Web · you").getByRole("button").click();
    await said(desk, "what is it about?").waitFor();
    assert.equal(await composer().inputValue(), "It will take");
  });

  test("keeps an answer that could not be sent, and sends it once when its conversation is open again", async () => {
    await hub.kill();
    await linked(desk, DESK, "reconnecting");
    await write(desk, DESK, "It will take a week.");
    await row("nothing said yet").first().getByRole("button").click();
    await hub.start();
    await linked(desk, DESK, "connected");
    await row("Web · you").getByRole("button").click();
    await said(desk, "It will take a week.").filter({ hasText: "sent" }).waitFor();
    await sees(visitor, SHOP, "It will take a week.");
    await visitor.waitForTimeout(300);
    assert.equal(await visitor.locator(`${SHOP} .sent .message`).filter({ hasText: "It will take a week." }).count(), 1);
  });

  test("tells another agent who is in charge", async () => {
    const account = { email: "greta@shop.example", username: "greta", password: PASSWORD, role: "agent" };
    await ask(hub, await hub.login(), "/api/admin/users", { method: "POST", body: JSON.stringify(account) });
    const other = await openDesk(browser, hub, {}, "greta");
    await row("Web · admin", other).getByRole("button").click();
    await other.getByText("With admin. The assistant is silent.").waitFor();
    await other.context().close();
  });

  test("stays at the newest message when that grows late", async () => {
    const small = await openDesk(browser, hub, { width: 390, height: 640 });
    await row("Web · you", small).getByRole("button").click();
    await said(small, "It will take a week.").waitFor();
    const isAtEnd = () => small.locator(`${DESK} .scroll`).evaluate((node) => node.scrollHeight - node.scrollTop - node.clientHeight < 5);
    await until("the newest", isAtEnd);
    // An image comes in, and another before the page has heard that it was moved by the first.
    await small.locator(`${DESK} .scroll`).evaluate((node) => {
      const newest = node.querySelector(".sent .message:last-child");
      const grow = (height) => (newest.style.paddingBottom = `${height}px`);
      grow(900);
      node.addEventListener("scroll", () => grow(1_800), { once: true, capture: true });
    });
    await until("the newest again", isAtEnd);
    await small.context().close();
  });

  test("forgets what was begun when the agent signs out", async () => {
    await composer().fill("Not for others");
    await desk.getByRole("button", { name: "Sign out" }).click();
    await signIn(desk);
    await row("Web · you").getByRole("button").click();
    await said(desk, "It will take a week.").waitFor();
    assert.equal(await composer().inputValue(), "");
    assert.deepEqual(desk.problems, []);
  });
});
