// How far a message to the customer has got, where a provider carries it: in words, with the reason where it failed,
// and sent again from there.

import { button, element } from "../dom.js";
import { ask, problem } from "../http.js";
import { capitalized, clock } from "../words.js";

const STATES = { queued: "waiting to be sent", sent: "sent", delivered: "delivered", read: "read", failed: "not delivered" };
/** What a failure begins with of which nobody knows whether it is one. */
const UNCERTAIN = "uncertain:";

/** The reason without that word, and whether the message may have arrived all the same. */
export function reason(failure) {
  const isUncertain = failure.startsWith(UNCERTAIN);
  return { isUncertain, why: isUncertain ? failure.slice(UNCERTAIN.length).trim() : failure };
}

/** Sends a failed message after all; why that was not taken, or nothing. */
export async function sendAgain(reference, token) {
  const path = `/api/channels/messages/failed/${encodeURIComponent(reference)}/retry`;
  const answer = await ask(path, token, { method: "POST" }).catch(() => ({ status: 0 }));
  return answer.status === 204 ? "" : problem(answer);
}

export class Way {
  /**
   * `owner` has `token`, `conversationId`, which is null before it is known, `doubts`, the messages in doubt, and
   * `stir`, to be told when one is sent again.
   */
  constructor(owner) {
    this.owner = owner;
  }

  /** Shows it at a message that a provider carries, below its words. */
  show(node, { status, timestamp, sequence, failure = "" }) {
    const { isUncertain, why } = reason(failure);
    const hasFailed = status === "failed";
    const isInDoubt = status === "queued" && this.owner.doubts.has(sequence);
    const state = isInDoubt || (hasFailed && isUncertain) ? "uncertain" : status;
    node.dataset.way = state;
    const words = state === "uncertain" ? "uncertain whether it arrived" : STATES[status] ?? status;
    node.querySelector(".at").textContent = `${clock(timestamp)} · ${words}`;
    node.querySelector(".trouble")?.remove();
    if (hasFailed) node.append(this.trouble(sequence, state, why));
  }

  trouble(sequence, state, why) {
    const line = element("div", "trouble");
    const note = element("p", "", capitalized(why));
    const again = button("quiet", state === "uncertain" ? "Send again all the same" : "Send again", async () => {
      again.disabled = true;
      const refused = await sendAgain(`${this.owner.conversationId}.${sequence}`, this.owner.token);
      again.disabled = false;
      if (!refused) return this.owner.stir();
      note.setAttribute("role", "alert");
      note.textContent = refused;
      return undefined;
    });
    if (state === "uncertain") again.title = "The customer may get it twice.";
    line.append(note, again);
    return line;
  }
}
