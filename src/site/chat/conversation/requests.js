// What the hub was asked to do that is no message: a handover, a rating, an end; asked again after every loss
// until it is answered.

import { newId } from "../id.js";

export class Requests {
  /** `send` says whether a frame went out; one that did not goes with the next flush. */
  constructor(send) {
    this.send = send;
    this.waiting = new Map();
  }

  /** `done` hears whether it was done, and if not, why. */
  add(frame, done = () => {}) {
    const id = newId();
    this.waiting.set(id, { frame: { ...frame, id }, done });
    this.send({ ...frame, id });
  }

  flush() {
    for (const { frame } of this.waiting.values()) this.send(frame);
  }

  acknowledged({ id }) {
    this.waiting.get(id)?.done(true);
    this.waiting.delete(id);
  }

  refused({ id, message }) {
    const request = this.waiting.get(id);
    if (!request) return;
    this.waiting.delete(id);
    request.done(false, message);
  }
}
