// The desk's two lists: the handovers offered to this agent, and every conversation that is open.

import { $, button, element } from "../dom.js";
import { capitalized, channelName, clock, spaced } from "../words.js";

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
  /** `desk` has `accept` and `join`, for a conversation and its customer's name, and `opened`, the one in work. */
  constructor(desk) {
    this.desk = desk;
    this.offers = new Map();
  }

  offer(frame) {
    this.offers.set(frame.sessionId, frame);
    this.drawOffers();
  }

  withdraw(sessionId) {
    this.offers.delete(sessionId);
    this.drawOffers();
  }

  forgetOffers() {
    this.offers.clear();
  }

  /** Shows these open conversations; what no longer waits is no longer offered. */
  show(sessions) {
    // An offer names the hub's own id, the list the one that the session's caller brought, where it did.
    for (const { conversationId, status } of sessions) if (status !== "waiting") this.offers.delete(conversationId);
    this.drawOffers();
    this.drawSessions(sessions);
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

  drawSessions(sessions) {
    const drawn = JSON.stringify([sessions, this.desk.opened()]);
    if (drawn === this.drawnSessions) return;
    this.drawnSessions = drawn;
    $("no-sessions").hidden = sessions.length > 0;
    $("sessions").replaceChildren(...sessions.map((session) => this.sessionRow(session)));
  }

  sessionRow({ id, customerName, channel, status, agentName, lastMessageAt }) {
    const states = { active: "assistant", waiting: "waiting", with_agent: agentName || "agent" };
    const about = [channelName(channel), states[status] ?? spaced(status), clock(lastMessageAt)].filter(Boolean).join(" · ");
    const name = customerName || "Visitor";
    const act = status === "waiting"
      ? button("strong", "Accept", () => this.desk.accept(id, name))
      : button("quiet", "Join", () => this.desk.join(id, name));
    const node = row(id, name, about, act);
    node.dataset.status = status;
    node.classList.toggle("is-open", id === this.desk.opened());
    return node;
  }
}
