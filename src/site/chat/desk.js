// The agent's desk: signs in, keeps the lists of who waits and what is open, the one case that is worked on, and the
// boards of what went wrong in between.

import { Connection } from "./connection.js";
import { Boards } from "./desk/boards.js";
import { Case } from "./desk/case.js";
import { Lists } from "./desk/lists.js";
import { SignIn } from "./desk/sign_in.js";
import { $ } from "./dom.js";
import { ask } from "./http.js";

const REFRESH = 10_000;

export class Desk {
  constructor() {
    this.case = new Case(this);
    this.lists = new Lists({
      accept: (id, name) => this.case.accept(id, name),
      join: (id, name) => this.case.join(id, name),
      opened: () => this.case.open,
    });
    this.boards = new Boards(this, (id, name) => this.case.join(id, name));
    new SignIn((token, name) => this.begin(token, name));
    $("sign-out").addEventListener("click", () => this.signOut("Signed out"));
  }

  begin(token, name) {
    this.token = token;
    this.name = name;
    this.signed(true);
    const heard = {
      frame: (frame) => this.hear(frame),
      state: (state) => this.stand(state),
      ended: (code, text) => this.signOut(text),
      isRefused: () => this.isRefused(),
    };
    this.connection = new Connection(() => ({ token: this.token }), heard);
    this.timer = setInterval(() => document.hidden || this.refresh(), REFRESH);
    this.ticker = setInterval(() => this.lists.drawOffers(), 1_000);
    this.refresh();
    this.boards.begin();
  }

  signed(isIn) {
    $("sign-in").hidden = isIn;
    $("workplace").hidden = !isIn;
    $("sign-out").hidden = !isIn;
  }

  signOut(text) {
    clearInterval(this.timer);
    clearInterval(this.ticker);
    this.connection?.stop();
    this.case.leave();
    this.token = null;
    this.lists.forgetOffers();
    this.boards.stop();
    this.signed(false);
    $("desk-standing").textContent = text;
  }

  stand(state) {
    const words = { connected: `Signed in as ${this.name}`, connecting: "Connecting…" };
    $("desk-standing").textContent = words[state] ?? "Connection lost. Coming back…";
    if (state === "connected") this.refresh();
  }

  async isRefused() {
    try {
      const { status } = await ask("/api/admin/sessions/active?limit=1", this.token);
      return status === 401;
    } catch {
      return false;
    }
  }

  hear(frame) {
    // What is open here has its own button to take it over.
    if (frame.type !== "handover_offer" || this.case.isOpen(frame.sessionId)) return;
    this.lists.offer(frame);
    this.refresh();
  }

  /** Asks which conversations are open, and draws them. */
  async refresh() {
    if (!this.token) return;
    const { token } = this;
    const { status, body } = await ask("/api/admin/sessions/active?limit=20", token).catch(() => ({ status: 0 }));
    if (token !== this.token || status !== 200) return;
    this.lists.show(body.sessions ?? []);
    this.case.doubt();
  }
}
