// What is on its way: messages the hub has not acknowledged, sent again after every loss until it has.
//
// A message leaves the list only when it is acknowledged, or when its writer sends a refused one again.

import { button } from "../dom.js";
import { newId } from "../id.js";

const UNANSWERED = 15_000;
const RETRY = new Set(["rate_limit_exceeded", "service_unavailable", "internal_error"]);

export class Outbox {
  /** Shows its messages in `list` until they move to `log`; `owner` has `keep`, told what waits, and `flush`. */
  constructor(list, log, { keep, flush }) {
    this.list = list;
    this.log = log;
    this.keep = keep;
    this.flushAll = flush;
    this.unsent = [];
    /** Set by the conversation as soon as it has one. */
    this.connection = null;
  }

  /** Sends a new message, after whatever else the owner still has to send. */
  say(text) {
    this.queue(newId(), text, new Date().toISOString());
    this.flushAll();
    this.log.toEnd();
  }

  queue(id, text, at) {
    const node = this.log.bubble({ sender: this.log.side, text, timestamp: at, isOwn: true });
    node.dataset.state = "sending";
    node.querySelector(".at").textContent = "sending…";
    this.list.append(node);
    this.log.begun();
    this.unsent.push({ id, text, at, node, wasSent: false });
    this.keep(this.unsent);
    clearInterval(this.watch);
    this.watch = setInterval(() => this.look(), UNANSWERED / 3);
  }

  flush() {
    for (const entry of this.unsent) this.transmit(entry);
  }

  transmit(entry) {
    if (entry.hasFailed || !this.connection?.send({ type: "text", text: entry.text, id: entry.id })) return;
    entry.wasSent = true;
    entry.since = Date.now();
  }

  /** A socket that leaves a message unanswered for long is dead, whatever it says of itself. */
  look() {
    if (!this.unsent.length) clearInterval(this.watch);
    const isDead = this.unsent.some(({ since, hasFailed }) => !hasFailed && since && Date.now() - since > UNANSWERED);
    if (!isDead || !this.connection?.isUp) return;
    for (const entry of this.unsent) entry.since = undefined;
    this.connection.renew();
  }

  /** What this page sent before a loss comes back as history before its own answer does. */
  hideTwin(text) {
    const twin = this.unsent.find((entry) => entry.wasSent && !entry.node.hidden && entry.text === text);
    if (twin) twin.node.hidden = true;
  }

  acknowledged({ id, sequence, timestamp }) {
    const entry = this.forget(id);
    if (!entry) return;
    entry.node.remove();
    this.log.place(sequence, { sender: this.log.side, text: entry.text, timestamp, isOwn: true });
  }

  refused({ id, code, message }) {
    const entry = this.unsent.find((known) => known.id === id);
    if (!entry) return;
    if (RETRY.has(code)) setTimeout(() => this.transmit(entry), 2_000);
    else this.fail(entry, message);
  }

  fail(entry, message) {
    entry.hasFailed = true;
    entry.node.hidden = false;
    entry.node.dataset.state = "failed";
    entry.node.querySelector(".at").textContent = `Not sent: ${message}`;
    const again = () => {
      this.forget(entry.id);
      entry.node.remove();
      this.say(entry.text);
    };
    entry.node.append(button("again", "Send again", again));
  }

  forget(id) {
    const index = this.unsent.findIndex((entry) => entry.id === id);
    if (index < 0) return undefined;
    const [entry] = this.unsent.splice(index, 1);
    this.keep(this.unsent);
    return entry;
  }

  stop() {
    clearInterval(this.watch);
  }
}
