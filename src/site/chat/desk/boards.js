// The desk's boards beside its conversations: what failed to go out, what could not be read, and how the channels are.
//
// Each is asked for anew soon after something that can change it; besides, the open one every few seconds, the others
// now and then, for the numbers on their buttons.

import { $ } from "../dom.js";
import { ask } from "../http.js";
import { ChannelsBoard } from "./channels.js";
import { QuarantineBoard } from "./quarantine.js";
import { SendingBoard } from "./sending.js";
import { Soon } from "./soon.js";

const REFRESH = 10_000;
/** Every so many refreshes a board that is closed is asked for, too; how the channels are costs next to nothing. */
const SELDOM = { sending: 3, quarantine: 3, channels: 1 };
/** The least between two looks at a board, whatever happens, milliseconds. */
const PAUSE = 3_000;

export class Boards {
  /** `desk` has the `token`; `join` opens a conversation, for its id and its customer's name. */
  constructor(desk, join) {
    this.desk = desk;
    const owner = {
      ask: (path, options) => ask(path, desk.token, options).catch(() => ({ status: 0 })),
      token: () => desk.token,
      join: (id, name) => {
        this.turn("conversations");
        join(id, name);
        // Its button is gone with the board: the keyboard goes on at what it has opened.
        $("case-title").focus();
      },
      count: (place, count, words) => this.count(place, count, words),
    };
    this.boards = {
      sending: new SendingBoard(owner),
      quarantine: new QuarantineBoard(owner),
      channels: new ChannelsBoard(owner),
    };
    const soon = ([name, board]) => [name, new Soon(() => board.refresh(), PAUSE)];
    this.looks = Object.fromEntries(Object.entries(this.boards).map(soon));
    for (const choice of this.choices()) choice.addEventListener("click", () => this.turn(choice.dataset.place));
  }

  choices() {
    return [...$("places").querySelectorAll("button")];
  }

  async begin() {
    const { token } = this.desk;
    $("places").hidden = false;
    $("place-quarantine").hidden = true;
    this.turn("conversations");
    const { status, body } = await ask("/api/v1/auth/me", token).catch(() => ({ status: 0 }));
    if (token !== this.desk.token) return;
    // Admins alone may see and settle what lies there.
    this.isAdmin = status === 200 && body.is_admin === true;
    $("place-quarantine").hidden = !this.isAdmin;
    this.rounds = 0;
    this.timer = setInterval(() => document.hidden || this.refresh(), REFRESH);
    this.refresh();
  }

  stop() {
    clearInterval(this.timer);
    this.isAdmin = false;
    $("places").hidden = true;
    this.turn("conversations");
    for (const look of Object.values(this.looks)) look.stop();
    for (const board of Object.values(this.boards)) board.clear();
  }

  turn(place) {
    this.place = place;
    $("desk").dataset.place = place;
    for (const choice of this.choices()) {
      if (choice.dataset.place === place) choice.setAttribute("aria-current", "page");
      else choice.removeAttribute("aria-current");
    }
    for (const name of Object.keys(this.boards)) $(name).hidden = name !== place;
    this.boards[place]?.refresh();
  }

  refresh() {
    for (const [name, board] of Object.entries(this.boards)) {
      const isWatched = name === this.place || board.isMoving;
      if (isWatched || this.rounds % SELDOM[name] === 0) this.stir(name);
    }
    this.rounds += 1;
  }

  /** Something has happened that can have changed this board, or any of them. */
  stir(name) {
    const names = name ? [name] : Object.keys(this.looks);
    for (const one of names) if (this.desk.token && (one !== "quarantine" || this.isAdmin)) this.looks[one].ask();
  }

  /** The number on a board's button; `words` say it to those who do not see it. */
  count(place, count, words) {
    const badge = $(`place-${place}`).querySelector(".count");
    badge.hidden = !count;
    badge.textContent = count ? String(count) : "";
    $(`place-${place}`).setAttribute("aria-description", count ? words : "");
  }
}
