// What was said: each message once, in the order of its sequence, and how far there is no gap.

import { element } from "../dom.js";
import { clock } from "../words.js";

export class Log {
  /**
   * `seen` has the `welcome` that stands here before anything is said, `who`, which names a message's sender, and
   * perhaps `dress`, which adds to a message's node what only that side sees, again whenever the message has changed.
   */
  constructor(root, side, { welcome, who, dress = () => {} }) {
    this.root = root;
    this.side = side;
    this.who = who;
    this.dress = dress;
    this.messages = [];
    /** What was told of messages that are not here yet, by sequence. */
    this.early = new Map();
    /** The sequence up to which every message is here. */
    this.complete = 0;
    const part = (selector) => root.querySelector(selector);
    this.parts = { scroll: part(".scroll"), sent: part(".sent"), welcome: part(".welcome") };
    this.parts.welcome.textContent = welcome;
    root.dataset.said = "nothing";
    this.stayAtEnd();
  }

  place(sequence, message) {
    let index = this.messages.length;
    while (index > 0 && this.messages[index - 1].sequence > sequence) index -= 1;
    if (this.messages[index - 1]?.sequence === sequence) return;
    const told = { ...message, sequence, ...this.early.get(sequence) };
    this.early.delete(sequence);
    const node = this.bubble(told);
    node.dataset.sequence = sequence;
    const isAtEnd = this.isAtEnd();
    this.parts.sent.insertBefore(node, this.messages[index]?.node ?? null);
    this.messages.splice(index, 0, { sequence, node, message: told });
    this.dress(node, told);
    while (this.messages[this.complete]?.sequence === this.complete + 1) this.complete += 1;
    this.begun();
    if (isAtEnd || message.sender === this.side) this.toEnd();
  }

  /** Shows what has become of a message: its words, its files, how far it has got. */
  update({ sequence, text, status, failure, attachments }) {
    const change = { text, status, failure: failure ?? "", attachments };
    const entry = this.messages.find((known) => known.sequence === sequence);
    if (!entry) return void this.early.set(sequence, change);
    entry.message = { ...entry.message, ...change };
    entry.node.querySelector(".text").textContent = text;
    this.dress(entry.node, entry.message);
  }

  /** Has every message dressed again. */
  redress() {
    for (const { node, message } of this.messages) this.dress(node, message);
  }

  begun() {
    this.parts.welcome.hidden = true;
    this.root.dataset.said = "something";
  }

  bubble(message) {
    const { sender, text, timestamp } = message;
    const node = element("li", "message");
    node.dataset.sender = sender;
    node.dataset.own = String(sender === this.side);
    const when = sender === this.side ? `${clock(timestamp)} · sent` : clock(timestamp);
    node.append(element("span", "who", this.who(message)), element("p", "text", text), element("span", "at", when));
    return node;
  }

  /** Whoever reads the newest goes on reading it when something below the messages takes room, or one of them grows. */
  stayAtEnd() {
    const { scroll } = this.parts;
    let [stays, top] = [true, 0];
    scroll.addEventListener("scroll", () => {
      // Only who reads goes back; what has grown since may have moved the end away.
      stays = this.isAtEnd() || (stays && scroll.scrollTop >= top);
      top = scroll.scrollTop;
    });
    this.room = new ResizeObserver(() => stays && this.toEnd());
    this.room.observe(scroll);
    this.room.observe(this.parts.sent);
  }

  isAtEnd() {
    const { scroll } = this.parts;
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  }

  toEnd() {
    const { scroll } = this.parts;
    scroll.scrollTop = scroll.scrollHeight;
  }

  stop() {
    this.room.disconnect();
  }
}
