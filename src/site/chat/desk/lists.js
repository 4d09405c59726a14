// The desk's two lists: the handovers offered to this agent, and every conversation that is open.

import { $, button, element } from "../dom.js";
import { capitalized, channelName, clock, moment, spaced } from "../words.js";
import { showRows } from "./board_row.js";

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
   * work, and `more`, which says whether it had any.
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
    this.offers.set(frame.sessionId, frame);
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
    for (const [id, { until }] of this.offers) {
      if (Date.parse(until) <= Date.now()) this.offers.delete(id);
    }
    const ids = [...this.offers.keys()].join();
    $("no-offers").hidden = this.offers.size > 0;
    if (ids === this.drawn) return;
    this.drawn = ids;
    $("offers").replaceChildren(...[...this.offers.values()].map((offer) => this.offerRow(offer)));
  }

  offerRow({ sessionId, reason, customerName, until }) {
    const accept = button("strong", "Accept", () => this.desk.accept(sessionId, customerName));
    const about = `${capitalized(spaced(reason))} · until ${clock(until)}`;
    return row(sessionId, customerName || "Visitor", about, accept);
  }

  sessionEntry(session) {
    const isOpen = this.desk.isOpen(session.id) || this.desk.isOpen(session.conversationId);
    const drawn = JSON.stringify([session, isOpen]);
    return { key: session.conversationId, drawn, make: () => this.sessionRow(session, isOpen) };
  }

  sessionRow({ id, customerName, channel, status, agentName, lastMessageAt }, isOpen) {
    const states = { active: "assistant", waiting: "waiting", with_agent: agentName || "agent" };
    const about = [channelName(channel), states[status] ?? spaced(status), moment(lastMessageAt)].filter(Boolean).join(" · ");
    const name = customerName || "Visitor";
    const act = status === "waiting"
      ? button("strong", "Accept", () => this.desk.accept(id, name))
      : button("quiet", "Join", () => this.desk.join(id, name));
    const node = row(id, name, about, act);
    node.dataset.status = status;
    node.classList.toggle("is-open", isOpen);
    return node;
  }
}
