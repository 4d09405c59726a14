// A plain client of `/ws` for the tests: frames by kind, closing, refusals.

import { once } from "node:events";
import WebSocket from "ws";
import { until } from "./hub.js";

export class Socket {
  static async open(hub, query = {}) {
    const socket = new Socket(hub, query);
    await socket.next("connection_established");
    return socket;
  }

  /** The HTTP status with which an upgrade is refused. */
  static async refusal(hub, query = {}) {
    const { socket } = new Socket(hub, query);
    const [, answer] = await once(socket, "unexpected-response");
    answer.resume();
    return answer.statusCode;
  }

  constructor(hub, query) {
    const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    this.socket = new WebSocket(`ws://127.0.0.1:${hub.port}/ws?${parameters}`);
    this.frames = [];
    this.read = 0;
    this.socket.on("message", (data) => this.frames.push(JSON.parse(data)));
    this.socket.on("error", (error) => (this.problem = error));
    this.closed = new Promise((done) => this.socket.on("close", (code) => done((this.code = code))));
  }

  get established() {
    return this.frames.find(({ type }) => type === "connection_established");
  }

  /** What opens this session again. */
  get key() {
    const { sessionId, token } = this.established;
    return { sessionId, token };
  }

  get messages() {
    return this.frames.filter(({ type }) => type === "message");
  }

  send(frame) {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** The next frame of this type that also fits. */
  next(type, fits = () => true) {
    return until(`a frame ${type}`, () => {
      const index = this.frames.findIndex((frame, at) => at >= this.read && frame.type === type && fits(frame));
      if (index >= 0) {
        this.read = index + 1;
        return this.frames[index];
      }
      if (this.code !== undefined) throw new Error(`closed with ${this.code} before a frame ${type}`);
      return null;
    });
  }

  async close() {
    this.socket.close(1000);
    return this.closed;
  }
}
