// The board of what has not reached its customer: failed messages, to be sent after all, and those still on their way.

import { $, button } from "../dom.js";
import { capitalized, channelName, moment } from "../words.js";
import { boardRow, showRows } from "./board_row.js";
import { reason, sendAgain } from "./way.js";

const PATH = "/api/channels/messages";

export class SendingBoard {
  /** `owner` has `ask`, `token`, `join` and `count`. */
  constructor(owner) {
    this.owner = owner;
    this.round = 0;
  }

  clear() {
    $("failed").replaceChildren();
    $("waiting").replaceChildren();
    $("sending-standing").textContent = "";
    this.owner.count("sending", 0);
    this.isMoving = false;
  }

  async refresh() {
    const round = (this.round += 1);
    const token = this.owner.token();
    const [failed, waiting] = await Promise.all([this.owner.ask(`${PATH}/failed`), this.owner.ask(`${PATH}/waiting`)]);
    // What was asked for before something was done does not know of it.
    if (token !== this.owner.token() || round !== this.round) return;
    const isThere = failed.status === 200 && waiting.status === 200;
    $("sending-problem").hidden = isThere;
    if (isThere) this.show(failed.body, waiting.body);
  }

  show(failed, waiting) {
    /** Whether something is on its way that may fail any moment. */
    this.isMoving = waiting.some(({ uncertain }) => !uncertain);
    failed.sort((a, b) => b.failedAt.localeCompare(a.failedAt));
    this.owner.count("sending", failed.length, `${failed.length} not delivered`);
    $("no-failed").hidden = failed.length > 0;
    $("no-waiting").hidden = waiting.length > 0;
    showRows($("failed"), failed.map((message) => this.failedEntry(message)));
    showRows($("waiting"), waiting.map((message) => this.waitingEntry(message)));
  }

  failedEntry(message) {
    const { reference, customerName, channel, failedAt } = message;
    const { isUncertain, why } = reason(message.reason);
    const make = () => {
      const state = isUncertain ? "uncertain whether it arrived" : "not delivered";
      const again = button("strong", isUncertain ? "Send anyway" : "Send again", () => this.again(message, again));
      if (isUncertain) again.title = "The customer may get it twice.";
      const about = [`${channelName(channel)} · ${state} · ${moment(failedAt)}`, capitalized(why)];
      return boardRow(customerName || "Visitor", about, [this.open(message), again]);
    };
    return { key: reference, drawn: JSON.stringify(message), make };
  }

  waitingEntry(message) {
    const { reference, customerName, channel, waitingSince, nextAttemptAt, uncertain } = message;
    const make = () => {
      const next = nextAttemptAt && !uncertain && `next attempt ${moment(nextAttemptAt)}`;
      const why = uncertain ? "uncertain: its provider’s report is waited for" : message.reason || next || "";
      const about = [`${channelName(channel)} · since ${moment(waitingSince)}`, capitalized(why)];
      return boardRow(customerName || "Visitor", about, [this.open(message)]);
    };
    return { key: reference, drawn: JSON.stringify(message), make };
  }

  open({ sessionId, customerName }) {
    return button("quiet", "Open", () => this.owner.join(sessionId, customerName));
  }

  async again({ reference, customerName }, act) {
    act.disabled = true;
    const refused = await sendAgain(reference, this.owner.token());
    act.disabled = false;
    $("sending-standing").textContent = refused || `The message to ${customerName || "the visitor"} is on its way again.`;
    $("sending-standing").focus();
    this.refresh();
  }
}
