// The conversation an agent has open: read along, taken over, given back, closed.

import { Conversation } from "../conversation.js";
import { $ } from "../dom.js";
import { ask } from "../http.js";
import { channelName } from "../words.js";
import { Analysis } from "./analysis.js";
import { Begun } from "./begun.js";
import { Enclosures } from "./enclosures.js";
import { Files } from "./files.js";
import { Letters } from "./letter.js";
import { Way } from "./way.js";

/** What moves a conversation in the list. */
const TURNS = new Set(["message", "status_changed", "handover_initiated"]);
/** What a message can become that changes what is listed as not sent. */
const SENDING = new Set(["queued", "sent", "failed"]);

export class Case {
  /** `desk` has the `token` and the `lists`, and `isRefused`, `refresh` and `signOut`. */
  constructor(desk) {
    this.desk = desk;
    this.begun = new Begun();
    $("take").addEventListener("click", () => this.act("handover_accept"));
    $("release").addEventListener("click", () => this.act("handover_release"));
    $("close").addEventListener("click", () => this.act("close"));
    $("back").addEventListener("click", () => ($("desk").dataset.view = "list"));
  }

  /** Whether this is the conversation in work, by the hub's id or the one its caller brought. */
  isOpen(id) {
    return id === this.open || (Boolean(id) && id === this.conversationId);
  }

  accept(sessionId, name) {
    this.join(sessionId, name);
    this.act("handover_accept");
    this.conversation.focus();
  }

  join(sessionId, name) {
    if (!this.isOpen(sessionId)) this.change(sessionId, name);
    $("desk").dataset.view = "case";
    // What was pressed may be gone from the list; the keyboard goes on at what it has opened.
    $("case-title").focus();
  }

  change(sessionId, name) {
    this.leave();
    this.open = sessionId;
    this.desk.lists.withdraw(sessionId);
    this.customer = name || "Visitor";
    $("case").hidden = false;
    $("unpicked").hidden = true;
    $("case-title").textContent = this.customer;
    const { draft, files, unsent } = this.begun.read(sessionId);
    this.conversation = new Conversation($("desk-chat"), "agent", this.seen(), unsent);
    if (draft) this.conversation.begin(draft);
    this.conversation.extra.append($("desk-extra").content.cloneNode(true));
    this.enclosures = new Enclosures(this, this.conversation, files);
    this.analysis = new Analysis(this.conversation);
    const { scroll } = this.conversation.log.parts;
    this.letters = new Letters(this, scroll);
    this.files = new Files(this, scroll);
    this.way = new Way(this);
    this.describe();
    this.conversation.connect(() => ({ token: this.desk.token, sessionId }), () => this.desk.isRefused());
    this.desk.draw();
    this.desk.refresh();
  }

  get token() {
    return this.desk.token;
  }

  /** Asks by which channel and from which address this customer writes. */
  async describe() {
    const { open } = this;
    $("case-way").textContent = "";
    this.doubts = new Set();
    const path = `/api/admin/sessions/${encodeURIComponent(open)}?limit=1`;
    const { status, body } = await ask(path, this.token).catch(() => ({ status: 0 }));
    if (open !== this.open || status !== 200) return;
    const { channel, address, subject, conversationId, agentId, agentName } = body.session;
    this.agent ??= { agentId, agentName };
    if (this.conversation.status) this.stand({});
    this.channel = channel;
    this.enclosures.allow(channel);
    this.conversationId = conversationId;
    this.desk.lists.withdraw(conversationId);
    $("case-way").textContent = [channelName(channel), address, subject].filter(Boolean).join(" · ");
    this.conversation.log.redress();
    this.doubt();
  }

  /** While something waits for its provider, asks whether anybody knows what has become of it. */
  async doubt() {
    const { conversationId } = this;
    const entries = this.conversation?.log.messages ?? [];
    const waits = ({ message }) => message.sender !== "customer" && (message.status ?? "queued") === "queued";
    if (!this.isCarried || !entries.some(waits)) return;
    const { status, body } = await ask("/api/channels/messages/waiting", this.token).catch(() => ({ status: 0 }));
    if (conversationId !== this.conversationId || status !== 200) return;
    const mine = body.filter(({ sessionId, uncertain }) => uncertain && sessionId === conversationId);
    this.doubts = new Set(mine.map(({ sequence }) => sequence));
    this.conversation.log.redress();
  }

  /** Whether a provider carries what is said here; on the web, connections hear it themselves. */
  get isCarried() {
    return Boolean(this.channel) && this.channel !== "web";
  }

  /** Adds what a message has beside its words: its files, its mail, how far it has got. */
  dress(node, message) {
    this.files.show(node, message);
    const isCustomers = message.sender === "customer";
    if (isCustomers) this.files.explain(node, message);
    if (isCustomers && message.kind === "email") this.letters.show(node, message);
    // What was just written waits for its provider.
    if (this.isCarried && !isCustomers) this.way.show(node, { ...message, status: message.status ?? "queued" });
  }

  seen() {
    return {
      dress: (node, message) => this.dress(node, message),
      label: "Answer as an agent",
      welcome: "Nothing has been said yet.",
      who: (message) => this.who(message),
      frame: (frame) => this.hear(frame),
      ended: (code, text) => this.end(code, text),
      isReady: (text) => this.enclosures.isReady(text),
      take: (text) => this.enclosures.take(text),
      keep: (unsent) => this.begun.keep(this.open, { unsent: unsent.map(({ id, text, at }) => ({ id, text, at })) }),
    };
  }

  end(code, text) {
    if (code === 4401) this.desk.signOut(text);
    else this.conversation.notice(text, "Back", () => this.back());
  }

  back() {
    this.leave();
    this.desk.draw();
  }

  /** An answer with files could not be sent: it stands where it was written, to be changed or sent again. */
  returned(sessionId, text, files, why) {
    const isHere = sessionId === this.open;
    const draft = isHere ? this.conversation.draft : this.begun.read(sessionId).draft;
    const whole = [text, draft].filter(Boolean).join("\n");
    if (!isHere) {
      this.begun.keep(sessionId, { draft: whole, files });
      return;
    }
    this.conversation.begin(whole);
    this.enclosures.put(files, why);
  }

  /** What was begun here is nobody's business any more. */
  forget() {
    this.begun.clear();
  }

  leave() {
    if (this.conversation) this.begun.keep(this.open, { draft: this.conversation.draft, files: this.enclosures.kept });
    this.agent = null;
    this.conversation?.stop();
    this.letters?.stop();
    this.files?.stop();
    this.conversation = null;
    this.open = null;
    this.channel = null;
    this.conversationId = null;
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
    if (frame.type === "status_changed") this.agent = frame;
    if (TURNS.has(frame.type)) this.desk.refresh();
    if (frame.type === "message_updated" && SENDING.has(frame.status)) this.stir();
    this.stand(frame);
  }

  /** What is on its way to this customer has got further, or back. */
  stir() {
    this.desk.boards.stir("sending");
  }

  stand(frame) {
    const { status } = this.conversation;
    const words = {
      active: "The assistant answers.",
      waiting: "Waiting for one of us.",
      with_agent: `With ${this.inCharge()}. The assistant is silent.`,
      closed: "Closed.",
    };
    $("case-standing").textContent = frame.type === "error" && !frame.id ? frame.message : (words[status] ?? "");
    $("take").hidden = status === "with_agent" || status === "closed";
    $("release").hidden = status !== "with_agent";
    $("close").hidden = status === "closed";
  }

  inCharge() {
    const { agentId, agentName } = this.agent ?? {};
    return agentId && agentId === this.me ? "you" : agentName || "an agent";
  }

  act(type) {
    const { conversation } = this;
    conversation?.request({ type, ...(type === "handover_accept" && { sessionId: this.open }) }, (isDone, why) => {
      if (conversation !== this.conversation || isDone) return;
      $("case-standing").textContent = why;
    });
  }
}
