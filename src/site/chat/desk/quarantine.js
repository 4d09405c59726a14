// The board of mails that could not be understood: read as they came, kept, tried again, thrown away. For admins.
//
// What such a mail says is shown as characters alone, never as a page.

import { $, button } from "../dom.js";
import { load, problem } from "../http.js";
import { capitalized, moment, size } from "../words.js";
import { boardRow, showRows } from "./board_row.js";

const PATH = "/api/channels/email/quarantine";
/** Most of a mail that is shown, characters; all of it can be downloaded. */
const SHOWN = 100_000;

export class QuarantineBoard {
  /** `owner` has `ask`, `token`, `join` and `count`. */
  constructor(owner) {
    this.owner = owner;
    this.round = 0;
    this.dialog = $("raw");
    $("raw-close").addEventListener("click", () => this.dialog.close());
  }

  clear() {
    $("quarantined").replaceChildren();
    $("quarantine-standing").textContent = "";
    this.dialog.close();
    $("raw-text").textContent = "";
    this.owner.count("quarantine", 0);
  }

  async refresh() {
    const round = (this.round += 1);
    const token = this.owner.token();
    const { status, body } = await this.owner.ask(PATH);
    // What was asked for before something was done does not know of it.
    if (token !== this.owner.token() || round !== this.round) return;
    $("quarantine-problem").hidden = status === 200;
    if (status !== 200) return;
    this.owner.count("quarantine", body.length, `${body.length} in quarantine`);
    $("no-quarantined").hidden = body.length > 0;
    showRows($("quarantined"), body.map((mail) => this.entry(mail)));
  }

  entry(mail) {
    return { key: mail.id, drawn: JSON.stringify(mail), make: () => this.row(mail) };
  }

  row(mail) {
    const { id, reason, mailbox, receivedAt, bytes, truncated } = mail;
    const kept = truncated ? `${size(bytes)} kept, only its beginning` : size(bytes);
    const about = [`Email · ${moment(receivedAt)} · ${kept}`, mailbox];
    const acts = [
      button("quiet", "View", () => this.view(mail)),
      button("quiet", "Download", () => this.keep(mail)),
      // Of a beginning nothing can be made.
      ...(truncated ? [] : [button("quiet", "Try again", (event) => this.retry(id, event.target))]),
      button("quiet danger", "Throw away", (event) => this.confirm(id, event.target)),
    ];
    return boardRow(capitalized(reason), about, acts);
  }

  tell(text) {
    $("quarantine-standing").textContent = text;
    // A row that is gone takes the keyboard's place with it.
    if (!this.dialog.open) $("quarantine-standing").focus();
  }

  async fetch({ id }) {
    const answer = await load(`${PATH}/${id}`, this.owner.token()).catch(() => null);
    if (answer?.status === 200) return answer.arrayBuffer();
    this.tell("This mail could not be fetched.");
    return null;
  }

  async view(mail) {
    const bytes = await this.fetch(mail);
    if (!bytes) return;
    const text = new TextDecoder().decode(bytes);
    const more = text.length > SHOWN ? "\n\n… and more: download it to read on." : "";
    $("raw-text").textContent = text.slice(0, SHOWN) + more;
    this.dialog.showModal();
  }

  async keep(mail) {
    const bytes = await this.fetch(mail);
    if (!bytes) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    link.download = `quarantined-${mail.id.slice(0, 12)}.eml`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  async retry(id, act) {
    act.disabled = true;
    const answer = await this.owner.ask(`${PATH}/${id}/retry`, { method: "POST" });
    act.disabled = false;
    const { status, sessionId } = answer.status === 200 ? answer.body : {};
    const words = { received: "The mail was taken in.", reported: "It was a report on a message, which was noted.", own: "It was one of our own mails." };
    this.tell(words[status] ?? problem(answer));
    if (sessionId) $("quarantine-standing").append(" ", button("quiet", "Open the conversation", () => this.owner.join(sessionId)));
    this.refresh();
  }

  /** Thrown away is for good: asked once more, in place. */
  confirm(id, act) {
    const acts = act.parentElement;
    const before = [...acts.children];
    const back = () => {
      acts.replaceChildren(...before);
      act.focus();
    };
    const sure = button("danger-strong", "Throw away for good", () => this.discard(id, back));
    const keep = button("quiet", "Keep", back);
    acts.replaceChildren(sure, keep);
    keep.focus();
  }

  async discard(id, back) {
    const answer = await this.owner.ask(`${PATH}/${id}`, { method: "DELETE" });
    if (answer.status !== 204) back();
    this.tell(answer.status === 204 ? "The mail was thrown away." : problem(answer));
    this.refresh();
  }
}
