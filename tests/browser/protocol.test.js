// `/ws` as its document describes it, spoken by a client that knows nothing else.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Hub, until } from "./hub.js";
import { Socket } from "./socket.js";

const KNOWN = "How long do I have to return something?";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe("the socket of the web chat", () => {
  let hub;
  before(async () => (hub = await Hub.begin()));
  after(() => hub?.remove());

  async function say(socket, text, id) {
    socket.send({ type: "text", text, id, timestamp: new Date().toISOString() });
    return socket.next("ack", (ack) => ack.id === id);
  }

  test("greets a guest with everything it needs to come back", async () => {
    const guest = await Socket.open(hub, { userId: "user123" });
    const { connectionId, userId, sessionId, message, timestamp, token } = guest.established;
    assert.equal(userId, "user123");
    assert.equal(message, "Connected to AI Customer Support");
    assert.match(timestamp, TIME);
    for (const value of [connectionId, sessionId, token]) assert.ok(value.length > 8);
    await guest.close();
  });

  test("answers a question with typing and a message of the assistant", async () => {
    const guest = await Socket.open(hub);
    const ack = await say(guest, KNOWN, "msg-1");
    assert.deepEqual([ack.sequence, typeof ack.messageId], [1, "string"]);
    assert.match(ack.timestamp, TIME);
    const answer = await guest.next("message");
    assert.deepEqual([answer.sender, answer.sequence], ["ai", 2]);
    assert.match(answer.text, /30 days/);
    assert.match(answer.timestamp, TIME);
    assert.ok(answer.messageId);
    const kinds = guest.frames.map(({ type }) => type);
    assert.ok(kinds.indexOf("typing_start") < kinds.indexOf("message") && kinds.includes("typing_start"));
    await guest.close();
  });

  test("takes a repeated id for the same message", async () => {
    const guest = await Socket.open(hub);
    const first = await say(guest, "Do you repair tents?", "same");
    const second = await say(guest, "Do you repair tents?", "same");
    assert.deepEqual([second.messageId, second.sequence], [first.messageId, first.sequence]);
    await guest.next("message", ({ sender }) => sender === "ai");
    const again = await Socket.open(hub, { ...guest.key, lastSequence: 0 });
    await again.next("message", ({ sequence }) => sequence === 2);
    assert.equal(again.messages.filter(({ sender }) => sender === "customer").length, 1);
    await Promise.all([guest.close(), again.close()]);
  });

  test("resumes behind the last sequence, in order, its own messages too", async () => {
    const guest = await Socket.open(hub);
    for (const id of ["a", "b", "c"]) {
      const { sequence } = await say(guest, `${KNOWN} (${id})`, id);
      await until("an answer", () => guest.messages.some((message) => message.sequence > sequence));
    }
    const last = Math.max(...guest.messages.map(({ sequence }) => sequence));
    await guest.close();
    for (const lastSequence of [0, 1, last - 1]) {
      const back = await Socket.open(hub, { ...guest.key, lastSequence });
      await back.next("message", ({ sequence }) => sequence === last);
      const expected = Array.from({ length: last - lastSequence }, (_, index) => lastSequence + index + 1);
      assert.deepEqual(back.messages.map(({ sequence }) => sequence), expected);
      await back.close();
    }
  });

  test("opens a session that exists for nobody but its owner", async () => {
    const guest = await Socket.open(hub);
    const other = await Socket.open(hub);
    const { sessionId } = guest.established;
    const { token } = other.established;
    for (const query of [{ sessionId }, { sessionId, token }, { sessionId, token: "made.up.token" }]) {
      const status = await Socket.refusal(hub, query);
      assert.ok([401, 403, 404].includes(status), `${JSON.stringify(Object.keys(query))} was answered ${status}`);
    }
    await Promise.all([guest.close(), other.close()]);
  });

  test("calls an agent, who takes over, types, answers and gives back", async () => {
    const token = await hub.login();
    const agent = await Socket.open(hub, { token });
    assert.equal(agent.established.sessionId, null);
    const guest = await Socket.open(hub);
    await say(guest, "My tent pole broke on the second night", "m1");
    guest.send({ type: "handover_request", timestamp: new Date().toISOString() });
    assert.match((await guest.next("handover_initiated")).timestamp, TIME);
    const { sessionId, reason, until: deadline } = await agent.next("handover_offer");
    assert.ok(reason && Date.parse(deadline) > Date.now());
    agent.send({ type: "handover_accept", sessionId, id: "take" });
    await agent.next("message", ({ text }) => text.includes("tent pole"));
    agent.send({ type: "typing", isTyping: true });
    assert.equal((await guest.next("typing_start", ({ sender }) => sender === "agent")).sender, "agent");
    const { sequence } = await say(agent, "We will send you a new one today.", "a1");
    const heard = await guest.next("message", ({ sender }) => sender === "agent");
    assert.deepEqual([heard.text, heard.sequence], ["We will send you a new one today.", sequence]);
    agent.send({ type: "handover_release", id: "back" });
    await guest.next("status_changed", ({ status }) => status === "active");
    await say(guest, KNOWN, "m2");
    await guest.next("message", ({ sender, text }) => sender === "ai" && text.includes("30 days"));
    await Promise.all([guest.close(), agent.close()]);
  });

  test("offers what waits to an agent who comes, and to one who comes back", async () => {
    const guest = await Socket.open(hub);
    guest.send({ type: "handover_request", id: "person" });
    await guest.next("ack");
    const { sessionId } = guest.established;
    const token = await hub.login();
    for (let visit = 0; visit < 2; visit += 1) {
      const agent = await Socket.open(hub, { token });
      await agent.next("handover_offer", (offer) => offer.sessionId === sessionId);
      await agent.close();
    }
    const agent = await Socket.open(hub, { token });
    agent.send({ type: "handover_accept", sessionId, id: "take" });
    await agent.next("ack", ({ id }) => id === "take");
    await Promise.all([guest.close(), agent.close()]);
  });

  test("names what is wrong with a frame, and closes after three in a row", async () => {
    const guest = await Socket.open(hub);
    guest.send({ type: "no_such_thing", id: "x" });
    const first = await guest.next("error");
    assert.deepEqual([first.id, typeof first.message], ["x", "string"]);
    guest.send("not json");
    guest.send({ type: "text" });
    assert.equal(await guest.closed, 1008);
  });

  test("keeps what it acknowledged through a power cut", async () => {
    const guest = await Socket.open(hub);
    const acks = [];
    for (let index = 0; index < 20; index += 1) {
      const id = `burst-${index}`;
      guest.send({ type: "text", text: id, id });
      if (index < 15) acks.push(await guest.next("ack", (ack) => ack.id === id));
    }
    await hub.kill();
    await hub.start();
    const back = await Socket.open(hub, guest.key);
    for (let index = 0; index < 20; index += 1) await say(back, `burst-${index}`, `burst-${index}`);
    await back.close();
    const whole = await Socket.open(hub, { ...guest.key, lastSequence: 0 });
    await until("all of the burst", () => own(whole).length >= 20);
    assert.equal(new Set(own(whole).map(({ text }) => text)).size, own(whole).length);
    for (const { id, sequence } of acks) {
      assert.equal(own(whole).find(({ text }) => text === id).sequence, sequence);
    }
    await whole.close();
  });

  function own(socket) {
    return socket.messages.filter(({ sender }) => sender === "customer");
  }
});
