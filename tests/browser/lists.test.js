// The desk's list of what is open, with more conversations than fit on a page of it.

import assert from "node:assert/strict";
import { join as at } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, shotsFolder } from "./browser.js";
import { ask, openDesk } from "./desk.js";
import { Hub, until } from "./hub.js";

describe("the desk's list", () => {
  let hub, browser, shots, admin, desk;
  before(async () => {
    const settings = { SWITCHBOARD_LIMITS__ENABLED: "false" };
    [hub, browser, shots] = await Promise.all([Hub.begin(settings), launch(), shotsFolder()]);
    admin = await hub.login();
    for (let count = 1; count <= 60; count += 1) await begin(`Customer ${count}`);
    desk = await openDesk(browser, hub);
  });
  after(async () => {
    await browser?.close();
    await hub?.remove();
  });

  /** Opens a conversation with a customer of this name; its id. */
  async function begin(name) {
    const room = await ask(hub, admin, "/api/chat/rooms", { method: "POST", body: JSON.stringify({ customer_name: name }) });
    return room.room_id;
  }

  const close = (id) => ask(hub, admin, `/api/chat/rooms/${id}/close`, { method: "POST" });
  /** What the hub has, newest first; what visitors' pages have opened is among it. */
  const stored = async () =>
    (await ask(hub, admin, "/api/admin/sessions/active?limit=100")).sessions.map(({ conversationId }) => conversationId);
  const rows = (page = desk) => page.locator("#sessions .row").evaluateAll((nodes) => nodes.map(({ dataset }) => dataset.key));
  const more = () => desk.getByRole("button", { name: "Show older ones" });
  const toEnd = () => desk.locator("#lists").evaluate((node) => node.scrollTo(0, node.scrollHeight));

  /** Waits until just so many of the newest are listed, in their order. */
  const lists = (count, what) => until(what, async () => {
    const [there, listed] = [await stored(), await rows()];
    return listed.length === Math.min(count, there.length) && listed.every((id, place) => id === there[place]);
  });

  test("begins with the newest and tells how many there are", async (t) => {
    t.diagnostic(`pictures: ${shots}`);
    await lists(20, "the newest twenty");
    assert.equal(await desk.locator("#open-count").textContent(), String((await stored()).length));
    await desk.screenshot({ path: at(shots, "70-list.png") });
  });

  test("reads on when it is scrolled to its end", async () => {
    await toEnd();
    await lists(40, "twenty more");
    await desk.waitForTimeout(500);
    assert.equal((await rows()).length, 40, "nobody has scrolled on");
  });

  test("stays in order, each once, while conversations begin and end between two pages", async () => {
    const before = await rows();
    const begun = [];
    for (let count = 1; count <= 5; count += 1) begun.unshift(await begin(`Latecomer ${count}`));
    await close(before[30]);
    await close(before[39]);
    // The page asks for what lies behind a row that is no longer open, before it has heard of any of this.
    await more().press("Enter");
    await until("the next page", async () => (await rows()).length > 55);
    await until("the newcomers", async () => (await rows()).slice(0, 5).join() === begun.join());
    const listed = await rows();
    assert.equal(new Set(listed).size, listed.length, "one stands there twice");
    await until("those that are closed to be gone", async () => {
      const shown = await rows();
      return !shown.includes(before[30]) && !shown.includes(before[39]);
    });
    await lists((await rows()).length, "the same as the hub");
  });

  test("reads to the very end by the keyboard, which stays at the last row", async () => {
    await until("everything", async () => {
      if (await more().isVisible()) await more().press("Enter");
      return (await rows()).length === (await stored()).length;
    });
    await lists(100, "everything that is open");
    assert.ok(await more().isHidden());
    await desk.screenshot({ path: at(shots, "71-list-end.png") });
  });

  test("leaves the keyboard and what is in view where they are when something happens above", async () => {
    const place = 30;
    const id = (await rows())[place];
    const act = desk.locator(`#sessions [data-key="${id}"] button`);
    await act.focus();
    const height = () => act.evaluate((node) => node.getBoundingClientRect().top);
    const top = await height();
    const newest = await begin("Somebody else");
    await until("the newcomer", async () => (await rows())[0] === newest);
    assert.ok(Math.abs((await height()) - top) < 2, "the list has moved under the agent's eyes");
    await ask(hub, admin, `/api/chat/rooms/${id}/messages`, { method: "POST", body: JSON.stringify({ content: "Hello" }) });
    await until("the row to tell of it", () => act.evaluate((node) => !node.closest(".row").textContent.includes("assistant")));
    await until("the keyboard", () => act.evaluate((node) => node === document.activeElement));
  });

  test("knows hundreds, each once and in order, with two questions a look", async () => {
    const wrong = await desk.evaluate(async () => {
      const { OpenSessions } = await import("/chat/desk/open_sessions.js");
      const name = (number) => `conv_${String(number).padStart(6, "0")}`;
      let open = Array.from({ length: 350 }, (_, number) => name(number)).reverse();
      let [next, questions, seed] = [350, 0, 7];
      const chance = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
      const sessions = new OpenSessions(async (query) => {
        questions += 1;
        const asked = new URLSearchParams(query);
        const behind = open.filter((id) => !asked.get("before") || id < asked.get("before"));
        const page = behind.slice(0, Number(asked.get("limit"))).map((conversationId) => ({ conversationId }));
        return { status: 200, body: { sessions: page, pagination: { total: open.length } } };
      });
      const ids = () => sessions.known.map(({ conversationId }) => conversationId);
      const isInOrder = () => ids().every((id, place, all) => !place || id < all[place - 1]);
      await sessions.refresh();
      for (let page = 0; page < 15; page += 1) await sessions.more();
      for (let round = 0; round < 200; round += 1) {
        if (chance(3)) open.unshift(name((next += 1)));
        if (chance(2)) open.splice(chance(open.length), 1);
        questions = 0;
        await sessions.refresh();
        if (questions > 2) return `${questions} questions in round ${round}`;
        if (!isInOrder()) return `out of order in round ${round}`;
      }
      const oldest = ids().at(-1);
      for (let round = 0; round < 6; round += 1) await sessions.refresh();
      const there = open.filter((id) => id >= oldest);
      return ids().join() === there.join() ? "" : `${ids().length} for ${there.length}`;
    });
    assert.equal(wrong, "");
  });

  test("asks seldom, however much happens", async () => {
    const asked = [];
    desk.on("request", (request) => request.url().includes("/sessions/active") && asked.push(request.url()));
    await desk.locator("#sessions .row").first().getByRole("button").click();
    const [id] = await rows();
    for (let count = 1; count <= 40; count += 1) {
      await ask(hub, admin, `/api/chat/rooms/${id}/messages`, { method: "POST", body: JSON.stringify({ content: `News ${count}` }) });
    }
    await desk.locator("#desk-chat .message").getByText("News 40", { exact: true }).waitFor();
    await desk.waitForTimeout(3_500);
    assert.ok(asked.length >= 1 && asked.length <= 8, `${asked.length} times`);
    assert.deepEqual(desk.problems, []);
  });
});
