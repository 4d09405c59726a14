// Socket.IO as the `rooms` family documents it, spoken by the official client over each of its transports.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, describe, test } from "node:test";
import { io } from "socket.io-client";
import WebSocket from "ws";
import { Hub, until } from "./hub.js";
import { Room, colleague, customer, guestRoom, logout, stranger } from "./rooms.js";

const KNOWN = "How long do I have to return something?";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const TRANSPORTS = { "long polls": ["polling"], "a WebSocket": ["websocket"], "an upgrade": ["polling", "websocket"] };

/** What may be emitted about a room besides joining it and writing into it. */
const OTHERS = [
  "typing", "rate_room", "leave_room", "handover_request", "handover_accept", "handover_release", "close_room",
];

const count = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("Socket.IO", () => {
  let hub;
  let admin;
  before(async () => {
    hub = await Hub.begin();
    admin = await hub.login();
  });
  afterEach(() => Room.closeAll());
  after(() => hub?.remove());

  function say(client, room, message, id) {
    return client.ask("send_message", { room, message, user_type: "customer", timestamp: new Date(), id });
  }

  async function joined(room, { lastSequence, user_type = "customer", ...options } = {}) {
    const client = await Room.open(hub, options);
    const answer = await client.ask("join_room", { room, user: "Ann", user_type, lastSequence });
    assert.equal(answer.status, "ok", JSON.stringify(answer));
    return client;
  }

  for (const [way, transports] of Object.entries(TRANSPORTS)) {
    describe(`over ${way}`, () => {
      test("speaks as the samples do", async () => {
        const room = await guestRoom(hub);
        const staff = await joined(room, { transports, token: admin, user_type: "admin" });
        const socket = io(hub.origin, { transports, forceNew: true });
        const heard = [];
        const analyses = [];
        socket.on("new_message", (data) => heard.push(data));
        socket.on("ai_analysis", (data) => analyses.push(data));
        socket.emit("join_room", { room, user: "user_name", user_type: "customer" });
        socket.emit("send_message", { room, message: KNOWN, user_type: "customer", timestamp: new Date() });
        const answer = await until("an answer", () => heard.find(({ is_ai_generated }) => is_ai_generated));
        assert.deepEqual([answer.user_type, answer.room, answer.sequence], ["admin", room, 2]);
        assert.match(answer.message, /30 days/);
        assert.match(answer.timestamp, TIME);
        const [own] = heard;
        assert.deepEqual([own.message, own.user_type, own.is_ai_generated], [KNOWN, "customer", false]);
        const analysis = await staff.next("ai_analysis", ({ message }) => message === KNOWN);
        assert.deepEqual([analysis.room, analysis.sequence, typeof analysis.intent], [room, 1, "string"]);
        assert.equal(analysis.suggestion, analysis.suggestions[0] ?? "");
        await until("the staff's messages", () => staff.messages.length === 2);
        assert.deepEqual(analyses, [], "a customer heard an analysis");
        socket.disconnect();
      });

      test("loses no join_room that is sent at once", async () => {
        const room = await guestRoom(hub);
        for (let index = 0; index < 50; index += 1) {
          const client = new Room(hub, { transports });
          const answers = [];
          client.socket.on("connect", () => {
            client.socket.emit("join_room", { room, user_type: "customer" }, (answer) => answers.push(answer));
          });
          const [answer] = await until(`join ${index}`, () => answers.length && answers);
          assert.equal(answer.status, "ok");
          client.close();
        }
      });

      test("sends what was missed, in order, behind any sequence", async () => {
        const { token, room } = await customer(hub, `resume-${transports.join("-")}`);
        const staff = await joined(room, { transports, token: admin, user_type: "admin" });
        for (let index = 0; index < 130; index += 1) staff.socket.emit("send_message", { room, message: `Nº ${index}`, user_type: "admin" });
        await until("all of them", () => staff.messages.length >= 130);
        const last = Math.max(...staff.sequences);
        for (const lastSequence of [0, 1, last - 1, last, last + 7]) {
          const back = await joined(room, { transports, token, lastSequence });
          const { sequence } = await staff.ask("send_message", { room, message: "live", user_type: "admin" });
          await back.next("new_message", (message) => message.sequence === sequence);
          assert.deepEqual(back.sequences, count(Math.min(lastSequence, sequence - 1) + 1, sequence));
          back.close();
        }
      });

      test("comes back by itself after a power cut, and has lost and doubled nothing", async () => {
        const { token, room } = await customer(hub, `cut-${transports.join("-")}`);
        const client = new Room(hub, { transports, token });
        let last = 0;
        client.socket.on("new_message", ({ sequence }) => (last = sequence));
        client.socket.on("connect", () => {
          client.socket.emit("join_room", { room, user_type: "customer", lastSequence: last });
        });
        const staff = await joined(room, { transports, token: admin, user_type: "admin" });
        const acks = [];
        for (let index = 0; index < 40; index += 1) {
          staff.socket.emit("send_message", { room, message: `before ${index}`, user_type: "admin" }, (ack) => acks.push(ack));
        }
        await until("some of them", () => acks.length >= 10);
        await hub.kill();
        await hub.start();
        staff.close();
        const again = await joined(room, { transports, token: admin, user_type: "admin" });
        const { sequence } = await again.ask("send_message", { room, message: "after", user_type: "admin" });
        await until("the newest", () => last === sequence);
        assert.deepEqual(client.sequences, count(1, sequence));
        for (const ack of acks) {
          const kept = client.messages.find((message) => message.sequence === ack.sequence);
          assert.equal(kept.message_id, ack.message_id);
        }
      });
    });
  }

  test("takes a token from auth, the query or the header, and refuses one that does not stand", async () => {
    const { token, room } = await customer(hub, "places");
    const ways = (shown) => [
      { auth: { token: shown } },
      { query: { token: shown } },
      { extraHeaders: { Authorization: `Bearer ${shown}` } },
    ];
    for (const way of ways(token)) (await joined(room, way)).close();
    for (const shown of ["made.up.token", `${token}x`]) {
      for (const way of ways(shown)) assert.equal(await Room.refusal(hub, way), "Could not validate credentials");
    }
    assert.equal(await Room.refusal(hub, { auth: { token: 7 } }), "Could not validate credentials");
  });

  test("opens a room to nobody whose it is not", async () => {
    const mine = await customer(hub, "mine");
    const theirs = await customer(hub, "theirs");
    const guests = await guestRoom(hub);
    const elsewhere = await stranger(hub, "elsewhere");
    const attempts = [
      [{}, mine.room, "customer", "not_found"],
      [{}, guests, "admin", "forbidden"],
      [{}, "conv_nonsense", "customer", "not_found"],
      [{ token: theirs.token }, mine.room, "customer", "not_found"],
      [{ token: theirs.token }, guests, "customer", "not_found"],
      [{ token: mine.token }, mine.room, "admin", "forbidden"],
      [{ token: admin }, mine.room, "customer", "forbidden"],
      [{ token: elsewhere }, mine.room, "admin", "not_found"],
      [{ token: elsewhere }, guests, "admin", "not_found"],
    ];
    for (const [options, room, user_type, code] of attempts) {
      const client = await Room.open(hub, options);
      const join = await client.ask("join_room", { room, user: "x", user_type, lastSequence: 0 });
      assert.deepEqual([join.status, join.code, typeof join.message], ["error", code, "string"]);
      const send = await client.ask("send_message", { room, message: "hello", user_type });
      assert.deepEqual([send.status, send.code], ["error", code]);
      // An admin may act in any room of its own; it may not say that it is a customer.
      const others = options.token === admin ? [] : OTHERS;
      for (const event of others) {
        const other = await client.ask(event, { room, isTyping: true, rating: 1 });
        assert.equal(other.status, "error", `${event} of ${JSON.stringify(options)}`);
      }
      assert.deepEqual(client.heard, []);
      client.close();
    }
  });

  test("says who has written, and takes a repeated id for the same message", async () => {
    const { token, id, room } = await customer(hub, "writer");
    const client = await joined(room, { token });
    const other = await joined(room, { token });
    const first = await say(client, room, "Do you rent out snowshoes?", "m-1");
    assert.equal(first.status, "ok");
    assert.match(first.timestamp, TIME);
    const again = await say(client, room, "Do you rent out snowshoes?", "m-1");
    assert.deepEqual([again.message_id, again.sequence], [first.message_id, first.sequence]);
    for (const reader of [client, other]) {
      const heard = await reader.next("new_message", ({ message_id }) => message_id === first.message_id);
      assert.deepEqual([heard.user, heard.user_id, heard.user_type], ["writer", id, "customer"]);
      await reader.next("new_message", ({ is_ai_generated }) => is_ai_generated);
      assert.equal(new Set(reader.sequences).size, reader.sequences.length, "heard twice");
    }
  });

  test("joins by sending, and leaves when asked to", async () => {
    const { token, room } = await customer(hub, "implicit");
    const client = await Room.open(hub, { token });
    const { sequence } = await say(client, room, "Hello there");
    await client.next("new_message", (message) => message.sequence === sequence);
    await client.next("new_message", ({ is_ai_generated }) => is_ai_generated);
    assert.equal((await client.ask("leave_room", { room })).status, "ok");
    const known = client.messages.length;
    const staff = await joined(room, { token: admin, user_type: "admin" });
    await staff.ask("send_message", { room, message: "Still there?", user_type: "admin" });
    await staff.next("new_message");
    assert.equal(client.messages.length, known);
  });

  test("tells of typing to all but who types, and ends it after six seconds", async () => {
    const { token, room } = await customer(hub, "typist");
    const client = await joined(room, { token });
    const staff = await joined(room, { token: admin, user_type: "admin" });
    client.socket.emit("typing", { room, isTyping: true });
    const began = Date.now();
    const heard = await staff.next("user_typing");
    assert.deepEqual(heard, { room, user: "typist", user_type: "customer", isTyping: true });
    await staff.next("user_typing", ({ isTyping }) => !isTyping);
    assert.ok(Date.now() - began > 5_000);
    assert.deepEqual(client.all("user_typing"), []);
    staff.socket.emit("typing", { room, isTyping: true });
    assert.equal((await client.next("user_typing")).user_type, "admin");
  });

  test("calls an agent, who takes over and gives back", async () => {
    const { token, room } = await customer(hub, "caller");
    const client = await joined(room, { token });
    // Whoever of the two has room for another case is offered it.
    const tokens = { admin, anna: await colleague(hub, "anna") };
    const agents = await Promise.all(Object.values(tokens).map((shown) => Room.open(hub, { token: shown })));
    assert.equal((await client.ask("handover_request", { room })).status, "ok");
    assert.equal((await client.next("room_status")).status, "waiting");
    const offered = (agent) => agent.all("handover_offer").find((made) => made.room === room);
    const agent = await until("an offer", () => agents.find(offered));
    const name = Object.keys(tokens)[agents.indexOf(agent)];
    assert.equal(offered(agent).customer_name, "caller");
    assert.equal((await agent.ask("handover_accept", { room })).room_status, "with_agent");
    const taken = await client.next("room_status", ({ status }) => status === "with_agent");
    assert.equal(taken.agent.name, name);
    await agent.ask("send_message", { room, message: "I am here.", user_type: "admin" });
    const heard = await client.next("new_message", ({ message }) => message === "I am here.");
    assert.deepEqual([heard.user, heard.user_type, heard.is_ai_generated], [name, "admin", false]);
    assert.equal((await agent.ask("handover_release", { room })).room_status, "active");
    assert.equal((await client.ask("handover_release", { room })).code, "forbidden");
    assert.equal((await client.ask("rate_room", { room, rating: 5 })).status, "ok");
  });

  test("names what is wrong with an event, and disconnects after three in a row", async () => {
    const client = await Room.open(hub, {});
    const answer = await client.ask("join_room", { user: "nobody" });
    assert.deepEqual([answer.status, answer.code], ["error", "invalid_request"]);
    assert.match(answer.message, /room/);
    client.socket.emit("no_such_event", {});
    assert.equal((await client.next("error")).event, "no_such_event");
    client.socket.emit("send_message", "no object");
    await until("the end", () => client.gone.length);
    assert.deepEqual(client.gone, ["io server disconnect"]);
  });

  test("refuses what is too long, and stores nothing of it", async () => {
    const { token, room } = await customer(hub, "long");
    const client = await joined(room, { token });
    const refused = await say(client, room, "x".repeat(8_001));
    assert.deepEqual([refused.status, refused.code], ["error", "invalid_request"]);
    assert.match(refused.message, /^message/);
    const empty = await say(client, room, "  ");
    assert.equal(empty.code, "invalid_request");
    client.socket.emit("send_message", { room, message: "x".repeat(2_000_000), user_type: "customer" });
    await until("the end of the transport", () => client.gone.length);
    await until("another one", () => client.socket.connected);
    const fresh = await joined(room, { token, lastSequence: 0 });
    assert.ok(fresh.messages.every(({ message }) => message.length < 8_001));
  });

  test("lets an account have ten sockets", async () => {
    const { token } = await customer(hub, "many");
    const open = [];
    for (let index = 0; index < 10; index += 1) open.push(await Room.open(hub, { token }));
    assert.equal(await Room.refusal(hub, { token }), "Too many connections");
    open.pop().close();
    await until("a free place", async () => {
      const next = new Room(hub, { token, reconnection: false });
      await until("a verdict", () => next.socket.connected || next.refused);
      open.push(next);
      return next.socket.connected;
    });
  });

  test("disconnects whoever has logged out", async () => {
    const { token, room } = await customer(hub, "leaver");
    const ways = Object.values(TRANSPORTS);
    const clients = await Promise.all(ways.map((transports) => joined(room, { token, transports })));
    await logout(hub, token);
    for (const client of clients) {
      await until("the end", () => client.gone.length);
      assert.equal(client.all("credentials_ended").length, 1);
      assert.deepEqual(client.gone, ["io server disconnect"]);
    }
  });

  test("lets no page of another site connect", async () => {
    const path = "/socket.io/?EIO=4&transport=polling";
    const page = (origin) => fetch(hub.origin + path, { headers: { Origin: origin } });
    assert.equal((await page("https://evil.example")).status, 403);
    const own = await page(hub.origin);
    assert.deepEqual([own.status, own.headers.get("access-control-allow-origin")], [200, hub.origin]);
    const socket = new WebSocket(`${hub.origin.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`, {
      origin: "https://evil.example",
    });
    const [, answer] = await once(socket, "unexpected-response");
    assert.equal(answer.statusCode, 403);
    answer.resume();
    const unknown = await fetch(`${hub.origin}${path}&sid=AAAAAAAAAAAAAAHs`);
    assert.deepEqual([unknown.status, (await unknown.json()).code], [400, 1]);
  });

  test("cuts off who does not read, and lets it resume without a gap", async () => {
    const { token, room } = await customer(hub, "slow");
    const staff = await joined(room, { token: admin, user_type: "admin" });
    const slow = new WebSocket(`${hub.origin.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    const frames = [];
    slow.on("message", (data) => frames.push(String(data)));
    await once(slow, "open");
    slow.send(`40${JSON.stringify({ token })}`);
    await until("its connection", () => frames.some((frame) => frame.startsWith("40")));
    slow.send(`420${JSON.stringify(["join_room", { room, user_type: "customer" }])}`);
    await until("its room", () => frames.some((frame) => frame.startsWith('430[{"')));
    const closed = once(slow, "close");
    slow.pause();
    const long = "y".repeat(8_000);
    let sent = 0;
    for (let round = 0; round < 12; round += 1) {
      const batch = Array.from({ length: 100 }, () => staff.ask("send_message", { room, message: long, user_type: "admin" }));
      for (const answer of await Promise.all(batch)) assert.equal(answer.status, "ok");
      sent += batch.length;
    }
    slow.resume();
    await closed;
    const back = await joined(room, { token, lastSequence: 0 });
    await until("all of it", () => back.messages.length >= sent + 2, 60_000);
    assert.deepEqual(back.sequences, count(1, back.sequences.length));
  });

  test("tells its clients of a restart, and keeps nobody waiting", async () => {
    const room = await guestRoom(hub);
    const clients = await Promise.all(Object.values(TRANSPORTS).map((transports) => joined(room, { transports })));
    // A client that polls can be told while its poll is with the hub, and not between two of them.
    const waits = ({ name, _polling }) => name !== "polling" || _polling;
    const haveSettled = () => clients.every(({ socket }) => !socket.io.engine.upgrading && waits(socket.io.engine.transport));
    await until("their polls", haveSettled);
    // On a busy machine a poll takes its time from here to the hub.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await until("their polls, still", haveSettled);
    const began = Date.now();
    hub.child.kill("SIGTERM");
    await hub.ended;
    assert.ok(Date.now() - began < 10_000, `took ${Date.now() - began} ms`);
    assert.equal(hub.child.exitCode, 0);
    for (const client of clients) {
      // The hub may end before this process has read what it was sent.
      await until("the end of its transport", () => client.gone.length);
      assert.equal(client.all("server_restart").length, 1);
      assert.match(client.gone[0], /^transport/);
    }
    await hub.start();
    for (const client of clients) {
      await until("its return", () => client.socket.connected);
      client.close();
    }
  });
});
