// One socket to the hub: opened at once, resumed with growing pauses, ended where coming back would not help.
//
// Conversations and the desk each hold one. It keeps nothing that is sent: what did not go out is the caller's.

const BACKOFF = { first: 400, most: 15_000 };

/** Close codes after which coming back by itself would not help. */
const FINAL = new Map([
  [1000, "This conversation has ended."],
  [1002, "This browser and the hub do not understand each other."],
  [1007, "This browser and the hub do not understand each other."],
  [1008, "The connection was closed because what this page sent was not understood."],
  [1009, "That was too much at once. Please send it in smaller parts."],
  [4401, "You have been signed out."],
  [4403, "This conversation belongs to somebody else."],
  [4409, "This conversation is no longer there."],
  [4429, "There are too many open connections. Close another tab and try again."],
]);

export class Connection {
  /** `query` gives the parameters at each attempt; `heard` has `frame`, `state`, `ended` and perhaps `isRefused`. */
  constructor(query, heard) {
    this.query = query;
    this.heard = heard;
    this.attempts = 0;
    this.atOnce = () => this.timer && this.open();
    addEventListener("online", this.atOnce);
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    this.timer = null;
    this.isUp = false;
    this.heard.state(this.attempts ? "reconnecting" : "connecting");
    const query = Object.entries(this.query()).filter(([, value]) => value !== null && value !== undefined);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws?${new URLSearchParams(query)}`);
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => socket === this.socket && this.hear(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => socket === this.socket && this.lost(code));
  }

  hear(frame) {
    if (frame.type === "connection_established") {
      this.attempts = 0;
      this.isUp = true;
    }
    this.heard.frame(frame);
    if (frame.type === "connection_established" && this.isUp) this.heard.state("connected");
  }

  async lost(code) {
    const wasUp = this.isUp;
    this.isUp = false;
    if (FINAL.has(code)) return this.end(code);
    this.heard.state("reconnecting");
    // A browser does not say why an upgrade was refused.
    if (!wasUp && this.heard.isRefused && (await this.heard.isRefused())) return this.end(4401);
    if (this.isStopped) return undefined;
    const longest = Math.min(BACKOFF.most, BACKOFF.first * 2 ** this.attempts);
    this.attempts += 1;
    this.timer = setTimeout(() => this.open(), longest * (0.5 + Math.random() / 2));
    return undefined;
  }

  end(code) {
    this.stop();
    this.heard.ended(code, FINAL.get(code));
  }

  /** Whether the frame went out; one that did not is the caller's to keep. */
  send(frame) {
    if (!this.isUp || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify({ ...frame, timestamp: new Date().toISOString() }));
    return true;
  }

  /** Drops a socket that answers nothing any more, and opens another. */
  renew() {
    this.socket.close();
    this.open();
  }

  stop() {
    this.isStopped = true;
    this.isUp = false;
    clearTimeout(this.timer);
    this.timer = null;
    removeEventListener("online", this.atOnce);
    const { socket } = this;
    this.socket = null;
    socket?.close(1000);
  }
}
