// The official Socket.IO client for the tests, as the `rooms` family documents it, and the people who use it.

import { io } from "socket.io-client";
import { PASSWORD, until } from "./hub.js";
import { Socket } from "./socket.js";

/** The events of this family that the server emits. */
const EVENTS = [
  "new_message", "ai_analysis", "room_status", "user_typing", "handover_offer", "error", "credentials_ended",
  "server_restart",
];

/** One Socket.IO client that keeps all it hears. */
export class Room {
  static #opened = new Set();

  /** Closes every client that is left. */
  static closeAll() {
    for (const client of Room.#opened) client.close();
    Room.#opened.clear();
  }

  /** Connects, and waits until it is. */
  static async open(hub, options = {}) {
    const client = new Room(hub, options);
    await until("a connection", () => {
      if (client.refused) throw new Error(`refused: ${client.refused.message}`);
      return client.socket.connected;
    });
    return client;
  }

  /** The message with which a connection is refused. */
  static async refusal(hub, options = {}) {
    const client = new Room(hub, options);
    const error = await until("a refusal", () => {
      if (client.socket.connected) throw new Error("connected");
      return client.refused;
    });
    client.close();
    return error.message;
  }

  constructor(hub, { token, ...options } = {}) {
    Room.#opened.add(this);
    const auth = token ? { token } : {};
    this.socket = io(hub.origin, { auth, forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 200, ...options });
    this.heard = [];
    this.gone = [];
    for (const name of EVENTS) this.socket.on(name, (data) => this.heard.push([name, data]));
    this.socket.on("connect_error", (error) => (this.refused = error));
    this.socket.on("disconnect", (reason) => this.gone.push(reason));
  }

  all(name) {
    return this.heard.filter(([heard]) => heard === name).map(([, data]) => data);
  }

  get messages() {
    return this.all("new_message");
  }

  get sequences() {
    return this.messages.map(({ sequence }) => sequence);
  }

  /** The first event of this name that fits. */
  next(name, fits = () => true) {
    return until(`an event ${name}`, () => this.all(name).find(fits));
  }

  /** Emits, and waits for the acknowledgement. */
  ask(event, data) {
    return this.socket.timeout(20_000).emitWithAck(event, data);
  }

  close() {
    this.socket.disconnect();
  }
}

/** A visitor's room; the visitor holds nothing but its id. */
export async function guestRoom(hub) {
  const guest = await Socket.open(hub);
  const { sessionId } = guest.established;
  await guest.close();
  return sessionId;
}

async function post(hub, path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(hub.origin + path, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`);
  return text && JSON.parse(text);
}

/** A registered customer with a room of its own. */
export async function customer(hub, username) {
  const account = { username, email: `${username}@example.com`, password: PASSWORD, user_type: "customer" };
  const { access_token: token, user_id: id } = await post(hub, "/api/auth/register", account);
  const { sessionId: room } = await post(hub, "/api/core/messages", { message: { text: "Do you repair tents?" } }, token);
  return { token, id, room };
}

/** Another member of staff, who has no case yet. */
export async function colleague(hub, username) {
  const account = { username, email: `${username}@example.com`, password: PASSWORD, user_type: "admin" };
  await post(hub, "/api/auth/register", account, await hub.login());
  return hub.login(username);
}

/** An admin of another organization. */
export async function stranger(hub, name) {
  const adminEmail = `${name}@elsewhere.example`;
  const made = { name, adminEmail, adminPassword: PASSWORD };
  await post(hub, "/api/admin/organizations", made, await hub.login());
  return hub.login(adminEmail);
}

/** Ends a token. */
export function logout(hub, token) {
  return post(hub, "/api/auth/logout", {}, token);
}
