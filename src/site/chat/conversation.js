// One conversation on the page: joins its connection with what was said, what is on its way, who types, and the
// composer. Both panes show theirs with it.

import { Composer } from "./conversation/composer.js";
import { Log } from "./conversation/log.js";
import { Outbox } from "./conversation/outbox.js";
import { Requests } from "./conversation/requests.js";
import { Typing } from "./conversation/typing.js";
import { Connection } from "./connection.js";
import { $ } from "./dom.js";

export class Conversation {
  /** `side` is "customer" or "agent"; `seen` has the owner's `label`, `welcome`, `who`, `frame`, `ended`, `keep` and perhaps `dress`, `isReady` and `take`. */
  constructor(root, side, seen, waiting = []) {
    this.side = side;
    this.seen = seen;
    this.status = null;
    root.replaceChildren($("chat-parts").content.cloneNode(true));
    const part = (selector) => root.querySelector(selector);
    this.parts = { link: part(".link"), linkText: part(".link-text"), notice: part(".notice") };
    /** Where the owner puts what only its side has. */
    this.extra = part(".extra");
    const send = (frame) => this.connection?.send(frame);
    this.log = new Log(root, side, seen);
    this.typing = new Typing(root, this.log, seen.who);
    this.outbox = new Outbox(part(".unsent"), this.log, { keep: seen.keep, flush: () => this.flush() });
    this.requests = new Requests(send);
    this.composer = new Composer(part(".composer"), seen.label, {
      send,
      isReady: (text) => !this.isEnded && (seen.isReady?.(text) ?? Boolean(text)),
      say: (text) => this.say(text),
    });
    for (const { id, text, at } of waiting) this.outbox.queue(id, text, at);
  }

  /** Whether nothing can be said here any more. */
  get isEnded() {
    return this.connection?.isStopped;
  }

  /** Connects with these parameters; what is missing since is asked for each time. */
  connect(query, isRefused) {
    this.connection?.stop();
    const heard = {
      frame: (frame) => this.hear(frame),
      state: (state) => this.show(state),
      ended: (code, text) => this.end(code, text),
      isRefused,
    };
    this.connection = new Connection(() => ({ ...query(), lastSequence: this.log.complete }), heard);
    this.outbox.connection = this.connection;
  }

  stop() {
    this.connection?.stop();
    this.log.stop();
    this.outbox.stop();
    this.typing.stop();
    this.composer.stop();
  }

  show(state) {
    const words = { connecting: "Connecting…", connected: "Connected", reconnecting: "Connection lost. Coming back…" };
    this.parts.link.dataset.state = state;
    this.parts.linkText.textContent = words[state];
    if (state === "connected") this.flush();
    else this.typing.fade();
  }

  end(code, text) {
    this.parts.link.dataset.state = "ended";
    this.parts.linkText.textContent = "Not connected";
    this.outbox.stop();
    this.typing.fade();
    this.seen.ended(code, text);
  }

  notice(text, label, act) {
    const [words, choice] = this.parts.notice.children;
    words.textContent = text;
    choice.textContent = label;
    choice.onclick = act;
    this.parts.notice.hidden = false;
  }

  hear(frame) {
    const kinds = {
      message: () => this.receive(frame),
      message_updated: () => this.log.update(frame),
      ack: () => this.acknowledged(frame),
      error: () => this.refused(frame),
      typing_start: () => this.typing.show(frame),
      typing_stop: () => this.typing.fade(),
      connection_established: () => this.turn(frame.status),
      handover_initiated: () => this.turn("waiting"),
      status_changed: () => this.turn(frame.status),
    };
    kinds[frame.type]?.();
    this.seen.frame(frame);
  }

  turn(status) {
    if (status) this.status = status;
  }

  receive(frame) {
    if (frame.sender !== "customer" || this.side !== "customer") this.typing.fade();
    this.log.place(frame.sequence, frame);
    if (frame.sender === this.side) this.outbox.hideTwin(frame.text);
  }

  acknowledged(frame) {
    this.requests.acknowledged(frame);
    this.outbox.acknowledged(frame);
  }

  refused(frame) {
    this.requests.refused(frame);
    this.outbox.refused(frame);
  }

  flush() {
    this.requests.flush();
    this.outbox.flush();
  }

  /** Sends a message, unless its owner does; one said without a connection leaves as soon as there is one. */
  say(text) {
    if (!this.seen.take?.(text)) this.outbox.say(text);
  }

  /** Asks the hub to do something that is no message; `done` hears whether it was done. */
  request(frame, done) {
    this.requests.add(frame, done);
  }

  /** What stands in the composer and is not sent. */
  get draft() {
    return this.composer.text.value;
  }

  /** Goes on with what was begun before. */
  begin(draft) {
    this.composer.put(draft);
  }

  /** Brings the keyboard to the composer. */
  focus() {
    this.composer.text.focus();
  }

  /** Puts an answer into the composer, for the agent to change or send. */
  suggest(text) {
    this.composer.fill(text);
  }
}
