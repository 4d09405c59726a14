// The agent's desk with real mails: shown for what they are, whatever they try; what failed to go out, what could not be
// read, and how the channels are.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join as at } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { launch, sees, shotsFolder, write } from "./browser.js";
import { ARRIVAL, ask, DESK, join, openDesk, place, said, session, signIn, wave } from "./desk.js";
import { Hub, PASSWORD, until } from "./hub.js";
import { attack, Elsewhere, PICTURE, simple, whole } from "./letters.js";
import { Dovecot, mailSettings, Smtp } from "./post.js";

const QUOTE = `<div>On Monday, Shop wrote:</div><blockquote type="cite"><p>Which pole is it?</p></blockquote>`;

describe("the agent's desk", () => {
  let hub, dovecot, smtp, elsewhere, browser, shots, admin, desk;
  before(async () => {
    [dovecot, smtp, elsewhere] = await Promise.all([Dovecot.begin(), Smtp.begin(), Elsewhere.begin()]);
    const settings = { ...mailSettings(dovecot, smtp), SWITCHBOARD_LIMITS__ENABLED: "false" };
    [hub, browser, shots] = await Promise.all([Hub.begin(settings), launch(), shotsFolder()]);
    admin = await hub.login();
    desk = await openDesk(browser, hub);
  });
  after(async () => {
    await browser?.close();
    await Promise.all([hub, dovecot, smtp, elsewhere].map((server) => server?.remove()));
  });
  beforeEach(() => {
    smtp.faults = {};
  });

  const picture = (page, name) => page.screenshot({ path: at(shots, `${name}.png`) });
  const frame = (page = desk) => page.frameLocator(`${DESK} .letter-frame`);

  /** Brings a mail in and opens its conversation at the desk. */
  async function receive(customer, raw, page = desk) {
    await dovecot.deliver(raw);
    await join(page, await session(hub, admin, customer));
  }

  /** Waits until the keyboard is there. */
  const focused = (selector) =>
    until(`the keyboard at ${selector}`, () => desk.locator(selector).evaluate((node) => node === document.activeElement));

  /** Waits until a board's button tells so many, which it does soon after they are known. */
  const counts = (name, count) => until(`${count} on the board`, async () =>
    (await place(desk, name).locator(".count").textContent()) === (count ? String(count) : ""), 9_000);

  /** Nothing that an attack does has happened. */
  async function assertUnharmed(page) {
    assert.match(await page.title(), /Fernweh/);
    assert.deepEqual(elsewhere.calls, []);
    const out = page.getByRole("button", { name: "Sign out" });
    const isOnTop = await out.evaluate((node) => {
      const { x, y, width, height } = node.getBoundingClientRect();
      return node.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    });
    assert.ok(isOnTop, "something covers the page");
  }

  test("shows an attacker's mail without anything in it that acts, loads or covers", async (t) => {
    t.diagnostic(`pictures: ${shots}`);
    const raw = simple({
      from: "Mallory <mallory@mail.example>", subject: "Broken pole", id: "attack", type: "text/html", body: attack(elsewhere.origin),
    });
    await receive("Mallory", raw);
    await frame().getByText("tent pole").waitFor();
    assert.deepEqual(desk.problems, [], "nothing in it is there even to be blocked");
    assert.equal(await frame().locator("script, form, input, button, iframe, object, embed, svg, video, audio, link, meta[http-equiv=refresh]").count(), 0);
    assert.equal(await frame().locator("p").evaluate((node) => getComputedStyle(node).color), "rgb(170, 0, 0)");
    await assertUnharmed(desk);
    await frame().getByText("Track my parcel").click();
    await desk.waitForTimeout(500);
    await assertUnharmed(desk);
    const sandbox = await desk.locator(`${DESK} .letter-frame`).getAttribute("sandbox");
    assert.doesNotMatch(sandbox, /scripts|forms|top-navigation|modals/);
    await picture(desk, "40-attack");
  });

  test("would run and load nothing of a mail even if the hub had let all of it through", async () => {
    const page = await openDesk(browser, hub);
    await page.route("**/api/channels/email/messages/**", (route) => route.fulfill({
      status: 200, headers: { "X-Mail-Form": "html" }, contentType: "text/html", body: attack(elsewhere.origin),
    }));
    await join(page, await session(hub, admin, "Mallory"));
    await frame(page).getByText("tent pole").waitFor();
    await frame(page).getByText("Track my parcel").click({ force: true });
    await frame(page).locator("form button").click({ force: true });
    await page.waitForTimeout(1_000);
    await assertUnharmed(page);
    await page.context().close();
  });

  test("opens a mail's links in a tab of their own that knows nothing of the desk", async () => {
    await desk.context().route("https://carrier.example/**", (route) => route.fulfill({ contentType: "text/html", body: "<p>Parcel</p>" }));
    const opened = desk.context().waitForEvent("page");
    await frame().getByRole("link", { name: "The parcel" }).click();
    const tab = await opened;
    await tab.getByText("Parcel").waitFor();
    assert.deepEqual(await tab.evaluate(() => [window.opener, document.referrer]), [null, ""]);
    await tab.close();
    assert.match(desk.url(), /#desk$/);
  });

  test("loads images from afar when asked, and tells nobody where they are looked at", async () => {
    elsewhere.calls.length = 0;
    await desk.getByRole("button", { name: "Show 1 image" }).click();
    const [call] = await until("the image to be loaded", () => elsewhere.calls.length && elsewhere.calls);
    assert.deepEqual(call, { path: "/pixel.gif", referer: undefined, cookie: undefined });
    await desk.getByRole("button", { name: "Show 1 image" }).waitFor({ state: "hidden" });
    await desk.waitForTimeout(300);
    assert.equal(elsewhere.calls.length, 1);
    elsewhere.calls.length = 0;
    await assertUnharmed(desk);
  });

  test("tells the channel, the address and the subject", async () => {
    await desk.getByText("Email · mallory@mail.example · Broken pole").waitFor();
  });

  test("folds what a mail quotes, shows its own images, and switches to its text", async () => {
    const html = `<p>The long one, <i>see the picture</i>.</p><p><img src="cid:pole@x" alt="The pole"></p>${QUOTE}`;
    const raw = whole({
      from: "Ann Archer <ann@mail.example>", subject: "Re: Pole", id: "ann", html,
      text: "The long one, see the picture.\n\nOn Monday, Shop wrote:\n> Which pole is it?",
      files: [
        { name: "pole.png", type: "image/png", content: PICTURE, cid: "pole@x" },
        { name: "invoice, März.html", type: "text/html", content: "<script>alert(1)</script>" },
      ],
    });
    await receive("Ann Archer", raw);
    await frame().getByText("see the picture").waitFor();
    await until("the image", () => frame().getByAltText("The pole").evaluate(({ naturalWidth }) => naturalWidth === 160));
    assert.equal(await frame().getByText("Which pole is it?").isVisible(), false);
    assert.equal(await frame().getByText("On Monday, Shop wrote:").isVisible(), false);
    await picture(desk, "41-mail");
    const height = () => desk.locator(`${DESK} .letter-frame`).evaluate(({ clientHeight }) => clientHeight);
    const folded = await height();
    assert.ok(folded > 120 && folded < 320, `${folded} for a few lines and a picture`);
    await desk.getByRole("button", { name: "Show quoted text" }).press("Enter");
    await frame().getByText("Which pole is it?").waitFor();
    await until("more height", async () => (await height()) > folded + 20);
    await desk.getByRole("button", { name: "Text", exact: true }).press("Enter");
    await frame().getByText("see the picture").waitFor({ state: "hidden" });
    await sees(desk, DESK, "The long one, see the picture.");
    await desk.getByRole("button", { name: "Mail", exact: true }).click();
    await frame().getByText("see the picture").waitFor();
  });

  test("gives a mail's files out byte for byte, and as nothing that runs", async () => {
    await desk.getByRole("button", { name: "View pole.png" }).click();
    await until("the picture", () => desk.locator(`${DESK} .file-image`).evaluate(({ naturalWidth }) => naturalWidth === 160));
    const saved = desk.waitForEvent("download");
    await desk.getByRole("button", { name: "Download invoice, März.html" }).click();
    const file = await saved;
    assert.equal(file.suggestedFilename(), "invoice, März.html");
    assert.equal(await readFile(await file.path(), "utf8"), "<script>alert(1)</script>");
    await picture(desk, "42-files");
    const { id } = await session(hub, admin, "Ann Archer");
    const { messages } = await ask(hub, admin, `/api/admin/sessions/${id}`);
    const invoice = messages[0].attachments.find(({ name }) => name.startsWith("invoice"));
    const path = `${hub.origin}/api/admin/sessions/${id}/messages/1/attachments/${invoice.id}`;
    const answer = await fetch(path, { headers: { Authorization: `Bearer ${admin}` } });
    assert.equal(answer.headers.get("content-type"), "application/octet-stream");
    assert.equal((await fetch(path)).status, 401);
  });

  test("folds a quote that a signature follows, and shows the signature", async () => {
    const html = `<p>It is the short one.</p>${QUOTE}<div class="moz-signature">-- <br>Sven Signer<br>Fernweg 5</div>`;
    await receive("Sven Signer", simple({ from: "Sven Signer <sven@mail.example>", subject: "Re: Pole", id: "sven", type: "text/html", body: html }));
    await frame().getByText("It is the short one.").waitFor();
    await frame().getByText("Fernweg 5").waitFor();
    assert.equal(await frame().getByText("Which pole is it?").isVisible(), false);
    await desk.getByRole("button", { name: "Show quoted text" }).click();
    await frame().getByText("Which pole is it?").waitFor();
  });

  test("leaves a mail without HTML a text", async () => {
    const asked = desk.waitForResponse(/\/api\/channels\/email\/messages\/.*\/html$/, { timeout: ARRIVAL });
    await receive("Bob", simple({ from: "Bob <bob@mail.example>", subject: "Boots", id: "bob", body: "Do you resole <b>boots</b>?" }));
    await sees(desk, DESK, "Do you resole <b>boots</b>?");
    assert.equal((await (await asked).allHeaders())["x-mail-form"], "text");
    await desk.waitForTimeout(300);
    assert.equal(await desk.locator(`${DESK} .letter-frame`).count(), 0);
  });

  test("keeps a mail of great length within the page", async () => {
    const body = `<p>First line</p>${"<p>Another line of many</p>".repeat(200)}<p>Last line</p>`;
    await receive("Lena Long", simple({ from: "Lena Long <lena@mail.example>", subject: "All of it", id: "long", type: "text/html", body }));
    await frame().getByText("First line").waitFor();
    const height = await desk.locator(`${DESK} .letter-frame`).evaluate(({ clientHeight }) => clientHeight);
    assert.ok(height >= 400 && height <= 640, `${height}`);
    await frame().getByText("Last line").scrollIntoViewIfNeeded();
    assert.ok(await frame().getByText("Last line").isVisible());
    await picture(desk, "43-long");
  });

  test("plays a voice message", async () => {
    const audio = wave().toString("base64");
    const sent = await ask(hub, admin, "/api/core/messages/audio", {
      method: "POST", body: JSON.stringify({ audio, format: "wav", userId: "Vera", sessionId: "vera-speaks" }),
    });
    await join(desk, { id: sent.sessionId });
    const player = desk.locator(`${DESK} audio`);
    await until("the recording", () => player.evaluate(({ duration }) => duration > 0.9));
    await player.evaluate((node) => node.play());
    await until("it to play", () => player.evaluate(({ currentTime }) => currentTime > 0));
    await picture(desk, "44-voice");
  });

  test("tells how far an answer has got, why one failed, and sends it again", async () => {
    await join(desk, await session(hub, admin, "Bob"));
    await write(desk, DESK, "Yes, gladly.");
    await said(desk, "Yes, gladly.").filter({ hasText: "· sent" }).waitFor();
    assert.ok(smtp.mails.some((mail) => mail.includes("Yes, gladly.")));

    smtp.faults = { rcpt: "550 5.1.1 no such mailbox here" };
    await write(desk, DESK, "Send them to us.");
    await said(desk, "Send them to us.").getByText("no such mailbox here").waitFor();
    await said(desk, "Send them to us.").filter({ hasText: "not delivered" }).waitFor();
    await picture(desk, "45-failed");
    smtp.faults = {};
    await said(desk, "Send them to us.").getByRole("button", { name: "Send again" }).click();
    await said(desk, "Send them to us.").filter({ hasText: "· sent" }).waitFor();
    assert.equal(await said(desk, "Send them to us.").locator(".trouble").count(), 0);
    assert.equal(smtp.mails.filter((mail) => mail.includes("Send them to us.")).length, 1);

    smtp.faults = { end: "close" };
    await write(desk, DESK, "It takes a week.");
    await said(desk, "It takes a week.").getByText("uncertain whether it arrived").waitFor();
    await said(desk, "It takes a week.").getByRole("button", { name: "Send again all the same" }).waitFor();
  });

  test("shows the same after a reload", async () => {
    await desk.reload();
    await signIn(desk);
    await join(desk, await session(hub, admin, "Bob"));
    await said(desk, "Send them to us.").filter({ hasText: "· sent" }).waitFor();
    await said(desk, "It takes a week.").getByText("uncertain whether it arrived").waitFor();
  });

  test("counts what was not delivered as soon as that is known, and no longer once it is sent again", async () => {
    await counts("Sending", 1);
    smtp.faults = { rcpt: "550 5.1.1 no such mailbox here" };
    await write(desk, DESK, "By parcel, please.");
    await said(desk, "By parcel, please.").getByText("no such mailbox here").waitFor();
    await counts("Sending", 2);
    smtp.faults = {};
    await said(desk, "By parcel, please.").getByRole("button", { name: "Send again" }).click();
    await counts("Sending", 1);
  });

  test("lists what was not delivered, and sends it after all", async () => {
    await counts("Sending", 1);
    await place(desk, "Sending").press("Enter");
    const row = desk.locator("#failed .row").filter({ hasText: "Bob" });
    await row.getByText("uncertain whether it arrived").waitFor();
    await picture(desk, "46-sending");
    await row.getByRole("button", { name: "Open: Bob" }).click();
    await desk.getByText("Email · bob@mail.example · Boots").waitFor();
    await focused("#case-title");
    await place(desk, "Sending").click();
    await row.getByRole("button", { name: "Send anyway: Bob" }).click();
    await desk.getByText("The message to Bob is on its way again.").waitFor();
    await focused("#sending-standing");
    await desk.getByText("Everything has been delivered that could be.").waitFor();
    await until("the mail", () => smtp.mails.some((mail) => mail.includes("It takes a week.")));
    await counts("Sending", 0);
  });

  test("lists what waits for a server that is away", async () => {
    smtp.faults = { rcpt: "451 4.3.0 later, please" };
    await join(desk, await session(hub, admin, "Bob"));
    await write(desk, DESK, "Are you still there?");
    await said(desk, "Are you still there?").getByText("waiting to be sent").waitFor();
    await place(desk, "Sending").click();
    await desk.locator("#waiting .row").filter({ hasText: "Bob" }).getByText("next attempt").waitFor();
    await picture(desk, "47-waiting");
  });

  test("shows an admin what could not be read: as characters, as a file, tried again, thrown away", async () => {
    const raw = "Subject: <script>document.title='broken'</script>\r\nContent-Type: text/html\r\n\r\n<h1>Nobody wrote this</h1>\r\n";
    await dovecot.deliver(raw);
    await until("the number on the board", async () => {
      await place(desk, "Quarantine").click();
      return (await place(desk, "Quarantine").locator(".count").textContent()) === "1";
    }, ARRIVAL);
    const row = desk.locator("#quarantined .row");
    await row.getByText("it does not say who wrote it").waitFor();
    await picture(desk, "48-quarantine");
    const view = row.getByRole("button", { name: /^View/ });
    await view.press("Enter");
    const dialog = desk.getByRole("dialog", { name: "The mail as it came" });
    await dialog.getByText("<h1>Nobody wrote this</h1>").waitFor();
    assert.equal(await dialog.locator("h1, script").count(), 0);
    await picture(desk, "49-raw");
    await desk.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await until("the keyboard to be where it was", () => view.evaluate((node) => node === document.activeElement));

    const saved = desk.waitForEvent("download");
    await row.getByRole("button", { name: /^Download/ }).click();
    const file = await saved;
    assert.match(file.suggestedFilename(), /\.eml$/);
    assert.ok((await readFile(await file.path(), "latin1")).endsWith(raw));

    await row.getByRole("button", { name: /^Try again/ }).click();
    await desk.getByText("still cannot be understood").waitFor();
    assert.equal(await row.count(), 1);
    await row.getByRole("button", { name: /^Throw away/ }).click();
    await row.getByRole("button", { name: "Keep" }).click();
    await row.getByRole("button", { name: /^Throw away/ }).click();
    await row.getByRole("button", { name: "Throw away for good" }).click();
    await desk.getByText("The mail was thrown away.").waitFor();
    await focused("#quarantine-standing");
    await desk.getByText("Every mail could be read.").waitFor();
    await counts("Quarantine", 0);
    assert.deepEqual(await ask(hub, admin, "/api/channels/email/quarantine"), []);
  });

  test("keeps the quarantine from agents who are no admins", async () => {
    const account = { email: "greta@shop.example", username: "greta", password: PASSWORD, role: "agent" };
    await ask(hub, admin, "/api/admin/users", { method: "POST", body: JSON.stringify(account) });
    const page = await openDesk(browser, hub, {}, "greta");
    await place(page, "Sending").click();
    await page.getByRole("heading", { name: "Not delivered" }).waitFor();
    await page.waitForTimeout(500);
    assert.ok(await place(page, "Quarantine").isHidden());
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test("fits a phone and a dark room", async () => {
    for (const scheme of ["light", "dark"]) {
      const small = await openDesk(browser, hub, { width: 390, height: 800, scheme });
      await join(small, await session(hub, admin, "Ann Archer"));
      await frame(small).getByText("see the picture").waitFor();
      await fits(small);
      await picture(small, `50-phone-mail-${scheme}`);
      await join(small, await session(hub, admin, "Bob"));
      await picture(small, `51-phone-bob-${scheme}`);
      await small.getByRole("button", { name: "All conversations" }).click();
      for (const name of ["Sending", "Quarantine", "Channels"]) {
        await place(small, name).click();
        await small.locator(".board:not([hidden]) h3").first().waitFor();
        await small.waitForTimeout(300);
        await fits(small);
        await picture(small, `52-phone-${name.toLowerCase()}-${scheme}`);
      }
      assert.deepEqual(small.problems, []);
      await small.context().close();
    }
    const wide = await openDesk(browser, hub, { scheme: "dark" });
    await join(wide, await session(hub, admin, "Ann Archer"));
    await frame(wide).getByText("see the picture").waitFor();
    await picture(wide, "53-mail-dark");
    await place(wide, "Channels").click();
    await wide.getByText("Works").first().waitFor();
    await picture(wide, "54-channels-dark");
    await wide.context().close();
  });

  test("tells how each channel is, and when one fails", async () => {
    await place(desk, "Channels").click();
    const row = (name) => desk.locator("#channel-health .row").filter({ hasText: name });
    await row("Email").getByText("Works", { exact: true }).waitFor();
    await row("WhatsApp").getByText("Not set up").waitFor();
    await picture(desk, "55-channels");
    dovecot.child.kill("SIGTERM");
    await row("Email").getByText(/Does not work|Works in part/).waitFor({ timeout: ARRIVAL });
    await picture(desk, "56-channels-broken");
  });

  test("has nothing to complain about", () => {
    // What these tests ask within a mail's frame is told as a script there; a mail that tries is told in the first test.
    // What could still not be read was answered with 409.
    const own = /^Blocked script execution in 'http:\/\/127\.0\.0\.1:\d+\/chat\/mail|status of 409/;
    assert.deepEqual(desk.problems.filter((text) => !own.test(text)), []);
  });

  async function fits(page) {
    const { width } = page.viewportSize();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `the page is ${wide} wide on a screen of ${width}`);
    const cut = await page.locator("#desk .places, #desk .board, #desk .scroll, #desk .case-head").evaluateAll((nodes) =>
      nodes.filter((node) => node.scrollWidth > node.clientWidth).map(({ className }) => className));
    assert.deepEqual(cut, [], "what stands there is wider than its place");
  }
});
