// The conversation an agent has open: read along, taken over, given back, closed.

import { Conversation } from "../conversation.js";
import { $ } from "../dom.js";
import { Analysis } from "./analysis.js";

export class Case {
  /** `desk` has the `token` and the `lists`, and `isRefused`, `refresh` and `signOut`. */
  constructor(desk) {
    this.desk = desk;
    $("take").addEventListener("click", () => this.act("handover_accept"));
    $("release").addEventListener("click", () => this.act("handover_release"));
    $("close").addEventListener("click", () => this.act("close"));
    $("back").addEventListener("click", () => ($("desk").dataset.view = "list"));
  }

  accept(sessionId, name) {
    this.join(sessionId, name);
    this.act("handover_accept");
  }

  join(sessionId, name) {
    if (this.open !== sessionId) this.change(sessionId, name);
    $("desk").dataset.view = "case";
  }

  change(sessionId, name) {
    this.leave();
    this.open = sessionId;
    this.desk.lists.withdraw(sessionId);
    this.customer = name || "Visitor";
    $("case").hidden = false;
    $("unpicked").hidden = true;
    $("case-title").textContent = this.customer;
    this.conversation = new Conversation($("desk-chat"), "agent", this.seen());
    this.conversation.extra.append($("desk-extra").content.cloneNode(true));
    this.analysis = new Analysis(this.conversation);
    this.conversation.connect(() => ({ token: this.desk.token, sessionId }), () => this.desk.isRefused());
    this.desk.refresh();
  }

  seen() {
    return {
      label: "Answer as an agent",
      welcome: "Nothing has been said yet.",
      who: (message) => this.who(message),
      frame: (frame) => this.hear(frame),
      ended: (code, text) => this.end(code, text),
      keep: () => {},
    };
  }

  end(code, text) {
    if (code === 4401) this.desk.signOut(text);
    else this.conversation.notice(text, "Back", () => this.leave());
  }

  leave() {
    this.conversation?.stop();
    this.conversation = null;
    this.open = null;
    $("case").hidden = true;
    $("unpicked").hidden = false;
    $("desk").dataset.view = "list";
  }

  who({ sender, agentName, agentId, isOwn }) {
    if (sender === "customer") return this.customer;
    if (sender === "ai") return "Assistant";
    return isOwn || agentId === this.me ? "You" : agentName ?? "Agent";
  }

  hear(frame) {
    if (frame.type === "connection_established") this.me = frame.userId;
    if (frame.type === "analysis") this.analysis.show(frame);
    if (frame.type === "handover_offer") return;
    if (frame.type === "status_changed" || frame.type === "handover_initiated") this.desk.refresh();
    this.stand(frame);
  }

  stand(frame) {
    const { status } = this.conversation;
    const words = {
      active: "The assistant answers.",
      waiting: "Waiting for one of us.",
      with_agent: "With an agent. The assistant is silent.",
      closed: "Closed.",
    };
    $("case-standing").textContent = frame.type === "error" && !frame.id ? frame.message : (words[status] ?? "");
    $("take").hidden = status === "with_agent" || status === "closed";
    $("release").hidden = status !== "with_agent";
    $("close").hidden = status === "closed";
  }

  act(type) {
    const { conversation } = this;
    conversation?.request({ type, ...(type === "handover_accept" && { sessionId: this.open }) }, (isDone, why) => {
      if (conversation !== this.conversation || isDone) return;
      $("case-standing").textContent = why;
    });
  }
}
