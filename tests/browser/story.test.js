// A visitor and an agent on the page, from the first question over a power cut to the goodbye.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, linked, sees, shotsFolder, shown, visit, write } from "./browser.js";
import { Hub, PASSWORD, until } from "./hub.js";

const SHOP = "#shop-chat";
const DESK = "#desk-chat";
const KNOWN = "How long do I have to return something?";
const UNKNOWN = "Who won the football match yesterday?";

describe("the page", () => {
  let hub, browser, shots, visitor, agent;
  before(async () => {
    [hub, browser, shots] = await Promise.all([Hub.begin(), launch(), shotsFolder()]);
    [visitor, agent] = await Promise.all([visit(browser, hub.origin), visit(browser, `${hub.origin}/#desk`)]);
  });
  after(async () => {
    await browser?.close();
    await hub?.remove();
  });

  /** A test that builds on the ones before it: after a failure the rest is not tried. */
  let hasFailed = false;
  function chapter(name, tell) {
    test(name, async (t) => {
      assert.ok(!hasFailed, "an earlier part of the story has failed");
      hasFailed = true;
      await tell(t).catch(async (error) => {
        await Promise.all([picture(visitor, "failed-visitor"), picture(agent, "failed-agent")]);
        throw error;
      });
      hasFailed = false;
    });
  }

  const picture = (page, name) => page.screenshot({ path: join(shots, `${name}.png`) });

  chapter("answers what the shop knows", async (t) => {
    t.diagnostic(`pictures: ${shots}`);
    await linked(visitor, SHOP, "connected");
    await picture(visitor, "01-welcome");
    await visitor.getByRole("button", { name: KNOWN }).click();
    await sees(visitor, SHOP, "within 30 days of delivery");
    const [asked] = await shown(visitor, SHOP);
    assert.deepEqual(asked, { sequence: 1, sender: "customer", text: KNOWN });
    await visitor.locator(`${SHOP} .message[data-sequence="1"] .at`).filter({ hasText: "sent" }).waitFor();
    await picture(visitor, "02-answered");
  });

  chapter("calls a person for what it does not know", async () => {
    await write(visitor, SHOP, UNKNOWN);
    await visitor.getByText("We are calling one of our team").waitFor();
    await sees(visitor, SHOP, "one of our team");
    await visitor.locator(`${SHOP} .typing`).waitFor({ state: "hidden" });
  });

  chapter("refuses a wrong password and lets the admin in", async () => {
    await agent.getByLabel("Username or email").fill("admin");
    await agent.getByLabel("Password").fill("not the password");
    await agent.getByRole("button", { name: "Sign in" }).click();
    await agent.getByRole("alert").filter({ hasText: /\w/ }).first().waitFor();
    await picture(agent, "03-refused");
    await agent.getByLabel("Password").fill(PASSWORD);
    await agent.getByRole("button", { name: "Sign in" }).click();
    await agent.getByText("Signed in as admin").waitFor();
  });

  chapter("offers the conversation to the agent, who takes it", async () => {
    const accept = agent.locator("#offers").getByRole("button", { name: /^Accept/ });
    await accept.waitFor();
    await picture(agent, "04-offered");
    await accept.click();
    await sees(agent, DESK, UNKNOWN);
    await sees(agent, DESK, "within 30 days of delivery");
    await visitor.getByText("is here with you").waitFor();
    await agent.getByText("Nobody is waiting for you.").waitFor();
  });

  chapter("shows each side that the other types", async () => {
    await agent.locator(`${DESK} textarea`).pressSequentially("Let me see", { delay: 10 });
    await visitor.locator(`${SHOP} .typing`).filter({ hasText: "is typing" }).waitFor();
    await picture(visitor, "05-agent-types");
    await write(agent, DESK, "We only follow mountain races, I am afraid. Can I help with your gear?");
    await sees(visitor, SHOP, "Can I help with your gear?");
    await visitor.locator(`${SHOP} .typing`).waitFor({ state: "hidden" });
    await visitor.locator(`${SHOP} textarea`).pressSequentially("Yes", { delay: 10 });
    await agent.locator(`${DESK} .typing`).filter({ hasText: "is typing" }).waitFor();
    await write(visitor, SHOP, "Yes: how much does shipping to Norway cost?");
    await sees(agent, DESK, "shipping to Norway");
    await agent.locator(`${DESK} .analysis`).waitFor();
    await picture(agent, "06-analysis");
  });

  chapter("shows markup as text", async () => {
    const text = "<img src=x onerror=\"document.title='broken'\"> <b>bold</b>";
    await write(visitor, SHOP, text);
    await sees(agent, DESK, text);
    assert.equal(await agent.locator(`${DESK} .message img, ${DESK} .message b`).count(), 0);
    assert.match(await agent.title(), /Fernweh/);
  });

  chapter("comes back by itself after a power cut, with each message once and in order", async () => {
    for (const text of ["in flight one", "in flight two", "in flight three"]) await write(visitor, SHOP, text);
    await hub.kill();
    await Promise.all([linked(visitor, SHOP, "reconnecting"), linked(agent, DESK, "reconnecting")]);
    await write(visitor, SHOP, "written by the visitor in the dark");
    await write(agent, DESK, "written by the agent in the dark");
    await visitor.locator(`${SHOP} .unsent .message`).filter({ hasText: "in the dark" }).waitFor();
    await picture(visitor, "07-dark");
    await hub.start();
    await Promise.all([linked(visitor, SHOP, "connected"), linked(agent, DESK, "connected")]);
    await Promise.all([
      sees(visitor, SHOP, "written by the agent in the dark"),
      sees(agent, DESK, "written by the visitor in the dark"),
    ]);
    await assertWhole([KNOWN, UNKNOWN, "in flight one", "in flight two", "in flight three",
      "written by the visitor in the dark", "written by the agent in the dark"]);
    await picture(visitor, "08-back");
    await picture(agent, "09-agent-back");
  });

  chapter("is whole again after a reload", async () => {
    const before = await shown(visitor, SHOP);
    await visitor.reload();
    await until("all messages", async () => (await shown(visitor, SHOP)).length === before.length);
    assert.deepEqual(await shown(visitor, SHOP), before);
  });

  chapter("goes back to the assistant, which answers again", async () => {
    await agent.getByRole("button", { name: "Give back to the assistant" }).click();
    await visitor.getByText("Our assistant answers at once.").waitFor();
    const { length } = await shown(visitor, SHOP);
    await write(visitor, SHOP, "Which payment methods do you accept?");
    await sees(visitor, SHOP, "We accept Visa");
    assert.equal((await shown(visitor, SHOP)).length, length + 2);
    await sees(agent, DESK, "We accept Visa");
  });

  chapter("asks for a rating when it is closed", async () => {
    await agent.getByRole("button", { name: "Close", exact: true }).click();
    await visitor.getByText("How was it?").waitFor();
    await visitor.getByRole("radio", { name: "4 stars" }).check();
    await visitor.getByLabel("In a few words").fill("Patient and quick");
    await picture(visitor, "10-rating");
    await visitor.getByRole("button", { name: "Send rating" }).click();
    await visitor.getByText("Thank you, that helps us.").waitFor();
    await assertWhole([]);
  });

  chapter("lets an agent join a conversation the assistant is in", async () => {
    const other = await visit(browser, hub.origin);
    await write(other, SHOP, "Do you rent out snowshoes?");
    await sees(other, SHOP, "child carriers");
    const session = await other.evaluate(() => JSON.parse(sessionStorage.getItem("switchboard.guest")).sessionId);
    await agent.locator(`#sessions [data-session="${session}"]`).getByRole("button").click();
    await sees(agent, DESK, "Do you rent out snowshoes?");
    await write(agent, DESK, "Anna here, I keep a pair for you.");
    await sees(other, SHOP, "Anna here");
    await other.getByText("is here with you").waitFor();
    await picture(agent, "11-joined");
    await other.context().close();
  });

  chapter("fits a phone and a dark room", async () => {
    for (const scheme of ["light", "dark"]) {
      const small = await visit(browser, hub.origin, { width: 360, height: 740, scheme });
      await linked(small, SHOP, "connected");
      await small.getByRole("button", { name: "Do you repair tents?" }).click();
      await small.locator(`${SHOP} .message[data-sender=ai]`).waitFor();
      await fits(small);
      await picture(small, `20-phone-shop-${scheme}`);
      await small.getByRole("button", { name: "Agent’s desk" }).click();
      await picture(small, `21-phone-sign-in-${scheme}`);
      await signIn(small);
      await small.getByRole("button", { name: /^Join/ }).first().click();
      await small.locator(`${DESK} .message`).first().waitFor();
      await fits(small);
      await picture(small, `22-phone-case-${scheme}`);
      await small.getByRole("button", { name: "All conversations" }).click();
      await picture(small, `23-phone-list-${scheme}`);
      assert.deepEqual(small.problems, []);
      await small.context().close();
    }
  });

  chapter("looks right side by side in the dark", async () => {
    const wide = await visit(browser, hub.origin, { scheme: "dark" });
    await write(wide, SHOP, "I want to talk to a person");
    await wide.getByText("We are calling one of our team").waitFor();
    await signIn(wide);
    await wide.getByRole("button", { name: /^(Join|Accept)/ }).first().click();
    await wide.locator(`${DESK} .message`).first().waitFor();
    await fits(wide);
    await picture(wide, "30-both-dark");
    assert.deepEqual(wide.problems, []);
    await wide.context().close();
  });

  chapter("has nothing to complain about", async () => {
    assert.deepEqual([...visitor.problems, ...agent.problems], []);
  });

  async function signIn(page) {
    await page.getByLabel("Username or email").fill("admin");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Signed in as admin").waitFor();
  }

  async function fits(page) {
    const { width } = page.viewportSize();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `the page is ${wide} wide on a screen of ${width}`);
  }

  /** Both sides show the same, from 1 without a gap, and each of these texts exactly once. */
  async function assertWhole(texts) {
    const mine = () => shown(visitor, SHOP);
    await until("everything to be sent", async () => {
      const waiting = await visitor.locator(`${SHOP} .unsent .message`).count();
      return waiting === 0 && (await shown(agent, DESK)).length === (await mine()).length;
    });
    const messages = await mine();
    assert.deepEqual(await shown(agent, DESK), messages);
    assert.deepEqual(messages.map(({ sequence }) => sequence), messages.map((_, index) => index + 1));
    for (const text of texts) assert.equal(messages.filter((message) => message.text === text).length, 1, text);
  }
});
