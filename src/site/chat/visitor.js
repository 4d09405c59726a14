// The visitor's pane: a guest of the shop, who comes back to the same conversation, calls a person, and rates.

import { Conversation } from "./conversation.js";
import { $, button, element } from "./dom.js";
import { ask } from "./http.js";
import { kept } from "./visitor/kept.js";
import { Rating } from "./visitor/rating.js";
import { capitalized } from "./words.js";

const QUESTIONS = [
  "How long do I have to return something?",
  "Do you repair tents?",
  "Who won the football match yesterday?",
  "I want to talk to a person",
];

export class Visitor {
  constructor() {
    $("person").addEventListener("click", () => this.wantPerson());
    this.start();
  }

  start() {
    this.conversation?.stop();
    const { sessionId = null, token = null, unsent = [] } = kept.read();
    this.guest = { sessionId, token };
    const seen = {
      label: "Your message",
      welcome: "Hello! Ask about orders, returns, repairs or gear. If the assistant does not know, one of our team will.",
      who: (message) => this.who(message),
      frame: (frame) => this.hear(frame),
      ended: (code, text) => this.end(code === 4401 ? "This conversation can no longer be opened from here." : text),
      keep: (entries) => kept.write({ unsent: entries.map(({ id, text, at }) => ({ id, text, at })) }),
    };
    this.conversation = new Conversation($("shop-chat"), "customer", seen, unsent);
    this.conversation.extra.append($("shop-extra").content.cloneNode(true));
    this.fillExtra(this.conversation.extra);
    this.conversation.connect(() => this.guest, () => this.isRefused());
  }

  end(text) {
    this.conversation.notice(text, "Start a new conversation", () => this.anew());
  }

  anew() {
    kept.clear();
    this.start();
  }

  fillExtra(extra) {
    extra.querySelector(".chips").append(...QUESTIONS.map((text) => {
      const item = element("li");
      item.append(button("chip", text, () => this.conversation.isEnded || this.conversation.say(text)));
      return item;
    }));
    this.rating = new Rating(extra.querySelector(".rating"), this.conversation);
  }

  who({ sender, agentName }) {
    return { customer: "You", ai: "Assistant" }[sender] ?? agentName ?? "Our team";
  }

  /** Whether this guest's key opens nothing any more. */
  async isRefused() {
    const { sessionId, token } = this.guest;
    if (!token) return false;
    try {
      const { status } = await ask(`/api/core/sessions/${encodeURIComponent(sessionId)}/context`, token);
      return status === 401 || status === 403;
    } catch {
      return false;
    }
  }

  hear(frame) {
    if (frame.type === "connection_established") this.remember(frame);
    if (frame.agentName) this.agent = frame.agentName;
    this.stand();
  }

  remember({ sessionId, token }) {
    this.guest = { sessionId, token: token ?? this.guest.token };
    kept.write(this.guest);
  }

  stand() {
    const { status } = this.conversation;
    const words = {
      active: "Our assistant answers at once.",
      waiting: "We are calling one of our team for you.",
      with_agent: `${this.agent ? capitalized(this.agent) : "One of our team"} is here with you.`,
      closed: "This conversation is closed. Write whenever you need us again.",
    };
    const standing = words[status] ?? words.active;
    if ($("shop-standing").textContent !== standing) $("shop-standing").textContent = standing;
    $("person").disabled = status !== "active";
    if (this.status !== status) this.rating.turn(status);
    this.status = status;
  }

  wantPerson() {
    if (this.conversation.isEnded) return;
    $("person").disabled = true;
    this.conversation.request({ type: "handover_request" }, (isDone, why) => {
      if (isDone) return;
      this.stand();
      $("shop-standing").textContent = why;
    });
  }
}
