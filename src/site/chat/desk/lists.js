// The desk's two lists: the handovers offered to this agent, and every conversation that is open.

import { $, button, element } from "../dom.js";
import { capitalized, channelName, moment, spaced } from "../words.js";
import { showRows } from "./board_row.js";

const TITLE = document.title;

function row(id, title, about, act) {
  const node = element("li", "row");
  node.dataset.session = id;
  const words = element("div", "row-words");
  words.append(element("b", "", title), element("span", "about", about));
  act.setAttribute("aria-label", `${act.textContent}: ${title}`);
  node.append(words, act);
  return node;
}

export class Lists {
  /**
   * `desk` has `accept` and `join`, for a conversation and its customer's name, `isOpen`, whether it is the one in
   * work, `isMe`, whether an agent is the one at this desk, and `more`, which says whether it had any.
   */
  constructor(desk) {
    this.desk = desk;
    this.offers = new Map();
    this.button = $("more-sessions");
    this.button.addEventListener("click", () => this.more());
    this.end = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.more(), { root: $("lists"), rootMargin: "100px 0px" });
    this.end.observe(this.button);
  }

  /** Lists further conversations; asked for by the button, or by coming close to it. */
  async more() {
    if (this.isLoading) return;
    this.isLoading = true;
    const wasThere = await this.desk.more();
    this.isLoading = false;
    if (!wasThere) return;
    // It tells once when it is close, and may still be.
    this.end.unobserve(this.button);
    this.end.observe(this.button);
  }

  offer(frame) {
    // By the hub's clock; this one may go wrong.
    const ends = Date.now() + Date.parse(frame.until) - Date.parse(frame.timestamp);
    this.offers.set(frame.sessionId, { ...frame, ends });
    this.drawOffers();
  }

  withdraw(sessionId) {
    this.offers.delete(sessionId);
    this.drawOffers();
  }

  clear() {
    this.offers.clear();
    this.drawOffers();
    $("sessions").replaceChildren();
  }

  /** Shows these open conversations; what no longer waits is no longer offered. */
  show({ known, total, hasMore }) {
    // An offer names the hub's own id, the list the one that the session's caller brought, where it did.
    for (const { conversationId, status } of known) if (status !== "waiting") this.offers.delete(conversationId);
    this.drawOffers();
    $("no-sessions").hidden = known.length > 0;
    $("open-count").textContent = known.length ? String(Math.max(total, known.length)) : "";
    showRows($("sessions"), known.map((session) => this.sessionEntry(session)));
    const held = document.activeElement === this.button;
    this.button.hidden = !hasMore;
    // The keyboard goes on at the last row when there is nothing more to load.
    if (held && !hasMore) $("sessions").lastElementChild?.querySelector("button")?.focus();
  }

  drawOffers() {
    const now = Date.now();
    for (const [id, { ends }] of this.offers) if (ends <= now) this.offers.delete(id);
    const offers = [...this.offers.values()];
    $("no-offers").hidden = offers.length > 0;
    document.title = offers.length ? `(${offers.length}) ${TITLE}` : TITLE;
    showRows($("offers"), offers.map((offer) => this.offerEntry(offer)));
    const left = $("offers").querySelectorAll(".left");
    for (const [place, { ends }] of offers.entries()) left[place].textContent = ` · ${Math.ceil((ends - now) / 1_000)} s left`;
  }

  offerEntry({ sessionId, reason, customerName, timestamp }) {
    const make = () => {
      const accept = button("strong", "Accept", () => this.desk.accept(sessionId, customerName));
      const node = row(sessionId, customerName || "Visitor", capitalized(spaced(reason)), accept);
      const left = element("span", "left");
      // Nobody wants to be read every second of it.
      left.setAttribute("aria-hidden", "true");
      node.querySelector(".about").append(left);
      return node;
    };
    return { key: sessionId, drawn: timestamp, make };
  }

  sessionEntry(session) {
    const isOpen = this.desk.isOpen(session.id) || this.desk.isOpen(session.conversationId);
    // Who is at this desk may be known later than the list.
    const isMine = this.desk.isMe(session.agentId);
    const drawn = JSON.stringify([session, isOpen, isMine]);
    return { key: session.conversationId, drawn, make: () => this.sessionRow(session, isOpen, isMine) };
  }

  sessionRow({ id, customerName, channel, status, agentName, lastMessageAt, lastSequence }, isOpen, isMine) {
    const agent = isMine ? "you" : agentName || "agent";
    const states = { active: lastSequence ? "assistant" : "nothing said yet", waiting: "waiting", with_agent: agent };
    const about = [channelName(channel), states[status] ?? spaced(status), moment(lastMessageAt)].filter(Boolean).join(" · ");
    const name = customerName || "Visitor";
    const act = status === "waiting"
      ? button("strong", "Accept", () => this.desk.accept(id, name))
      : button("quiet", "Join", () => this.desk.join(id, name));
    const node = row(id, name, about, act);
    node.dataset.status = status;
    node.classList.toggle("is-open", isOpen);
    if (isOpen) node.setAttribute("aria-current", "true");
    return node;
  }
}
