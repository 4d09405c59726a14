// The agent's desk: signs in, keeps the lists of who waits and what is open, the one case that is worked on, and the
// boards of what went wrong in between.

import { Connection } from "./connection.js";
import { Boards } from "./desk/boards.js";
import { Case } from "./desk/case.js";
import { Lists } from "./desk/lists.js";
import { OpenSessions } from "./desk/open_sessions.js";
import { SignIn } from "./desk/sign_in.js";
import { Soon } from "./desk/soon.js";
import { $ } from "./dom.js";
import { ask } from "./http.js";

const REFRESH = 10_000;
/** The least between two looks at what is open, whatever happens, milliseconds. */
const PAUSE = 3_000;

export class Desk {
  constructor() {
    this.case = new Case(this);
    this.lists = new Lists({
      accept: (id, name) => this.case.accept(id, name),
      join: (id, name) => this.case.join(id, name),
      isOpen: (id) => this.case.isOpen(id),
      isMe: (id) => Boolean(id) && id === this.me,
      more: () => this.more(),
    });
    this.looks = new Soon(() => this.look(), PAUSE);
    this.boards = new Boards(this, (id, name) => this.case.join(id, name));
    new SignIn((token, name) => this.begin(token, name));
    $("sign-out").addEventListener("click", () => this.signOut("Signed out"));
  }

  begin(token, name) {
    this.token = token;
    this.name = name;
    this.sessions = new OpenSessions((query) => ask(`/api/admin/sessions/active?${query}`, token).catch(() => ({ status: 0 })));
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
    this.looks.stop();
    this.case.leave();
    this.case.forget();
    this.token = null;
    this.sessions = null;
    this.lists.clear();
    this.boards.stop();
    this.signed(false);
    $("desk-standing").textContent = text;
  }

  stand(state) {
    const words = { connected: `Signed in as ${this.name}`, connecting: "Connecting…" };
    $("desk-standing").textContent = words[state] ?? "Connection lost. Coming back…";
    if (state !== "connected") return;
    this.refresh();
    this.boards.stir();
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
    if (frame.type === "connection_established") {
      this.me = frame.userId;
      this.draw();
    }
    // What is open here has its own button to take it over.
    if (frame.type !== "handover_offer" || this.case.isOpen(frame.sessionId)) return;
    this.lists.offer(frame);
    this.refresh();
  }

  /** Asks which conversations are open, and draws them; soon, whoever asks how often. */
  refresh() {
    if (this.token) this.looks.ask();
  }

  /** Draws what is known, without asking. */
  draw() {
    if (this.sessions) this.lists.show(this.sessions);
  }

  async look() {
    const { sessions } = this;
    const isThere = await sessions.refresh();
    if (sessions !== this.sessions || !isThere) return;
    this.draw();
    this.case.doubt();
  }

  /** Reads and draws further conversations; whether there were any. */
  async more() {
    const { sessions } = this;
    const isThere = Boolean(await sessions?.more());
    if (sessions !== this.sessions || !isThere) return false;
    this.draw();
    return true;
  }
}
