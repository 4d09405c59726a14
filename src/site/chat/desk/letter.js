// A mail in the conversation: its HTML in a frame of its own, with a switch to the text; a mail without HTML stays text.
//
// It is asked for when it comes into view, so that a long conversation costs what is read of it.

import { button, element } from "../dom.js";
import { load } from "../http.js";
import { LetterFrame } from "./letter_frame.js";

/** How long a mail stays in view before it is asked for, milliseconds. */
const STAY = 150;

export class Letters {
  /** `owner` has `token`, `conversationId`, and `who` for the frames' titles. */
  constructor(owner, scroll) {
    this.owner = owner;
    this.frames = [];
    this.asked = new WeakSet();
    this.waiting = new Map();
    this.sight = new IntersectionObserver((seen) => this.look(seen), { root: scroll, rootMargin: "200px 0px" });
  }

  /** Shows this message as the mail it is, once it is seen. */
  show(node, message) {
    if (this.asked.has(node) || !this.owner.conversationId) return;
    this.asked.add(node);
    node.letter = message;
    this.sight.observe(node);
  }

  look(seen) {
    for (const { target, isIntersecting } of seen) {
      clearTimeout(this.waiting.get(target));
      this.waiting.delete(target);
      if (isIntersecting) this.waiting.set(target, setTimeout(() => this.fetch(target), STAY));
    }
  }

  async fetch(node) {
    this.sight.unobserve(node);
    const { sequence } = node.letter;
    const reference = encodeURIComponent(`${this.owner.conversationId}.${sequence}`);
    const answer = await load(`/api/channels/email/messages/${reference}/html`, this.owner.token).catch(() => null);
    if (answer?.status === 429) return this.later(node, Number(answer.headers.get("Retry-After")) || 10);
    if (answer?.status !== 200 || answer.headers.get("X-Mail-Form") !== "html") return undefined;
    return this.open(node, await answer.text());
  }

  later(node, seconds) {
    setTimeout(() => node.isConnected && this.sight.observe(node), seconds * 1_000);
  }

  open(node, html) {
    if (!node.isConnected) return;
    const letter = new Letter(node, html, `Mail from ${this.owner.who(node.letter)}`);
    this.frames.push(letter.frame);
  }

  stop() {
    this.sight.disconnect();
    for (const timer of this.waiting.values()) clearTimeout(timer);
    for (const frame of this.frames) frame.stop();
  }
}

class Letter {
  constructor(node, html, title) {
    this.node = node;
    this.text = node.querySelector(".text");
    this.frame = new LetterFrame({ html, title, said: node.letter.text }, () => this.filled());
    this.mail = button("", "Mail", () => this.turn(true));
    this.words = button("", "Text", () => this.turn(false));
    this.images = button("quiet", "", () => this.frame.showImages());
    this.quote = button("quiet", "", () => this.toggleQuote());
    this.images.hidden = true;
    this.quote.hidden = true;
    const choice = element("div", "letter-choice");
    choice.setAttribute("role", "group");
    choice.setAttribute("aria-label", "Show as");
    choice.append(this.mail, this.words);
    const bar = element("div", "letter-bar");
    bar.append(choice, this.images, this.quote);
    this.text.before(bar);
    this.text.before(this.frame.node);
    this.turn(true);
  }

  turn(isMail) {
    this.isMail = isMail;
    this.node.dataset.form = isMail ? "mail" : "text";
    this.mail.setAttribute("aria-pressed", String(isMail));
    this.words.setAttribute("aria-pressed", String(!isMail));
    this.frame.node.hidden = !isMail;
    this.text.hidden = isMail;
    this.offer();
  }

  filled() {
    this.offer();
  }

  offer() {
    const { frame } = this;
    this.images.hidden = !this.isMail || !frame.remote || frame.hasImages;
    this.images.textContent = frame.remote === 1 ? "Show 1 image" : `Show ${frame.remote} images`;
    this.images.title = "Whoever sent them learns that and when this mail was read.";
    this.quote.hidden = !this.isMail || !frame.quoted.length;
    this.quote.textContent = frame.isFolded ? "Show quoted text" : "Hide quoted text";
    this.quote.setAttribute("aria-expanded", String(!frame.isFolded));
  }

  toggleQuote() {
    this.frame.fold(!this.frame.isFolded);
    this.offer();
  }
}
