// Files that go with an agent's next answer: chosen, listed, and sent together with its words.
//
// They go by HTTP, for no frame of a socket is that large; the message comes back by the socket as every other does.

import { $, button, element } from "../dom.js";
import { ask, problem } from "../http.js";
import { newId } from "../id.js";
import { size } from "../words.js";

/** Most files of a message, by the channels that carry any. */
const MOST = { email: 20, whatsapp: 1 };
/** Bytes that they may have together. */
const LARGEST = 20 * 1024 * 1024;

/** A file's bytes as Base64. */
function encoded(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

async function described(file) {
  return { filename: file.name, contentType: file.type || "application/octet-stream", content: await encoded(file) };
}

export class Enclosures {
  /** `owner` has `token` and `open`, the session, and gets back by `returned` what could not be sent. */
  constructor(owner, conversation, files) {
    this.owner = owner;
    this.session = owner.open;
    this.files = files;
    const { extra, composer } = conversation;
    this.part = extra.querySelector(".enclosed");
    this.list = this.part.querySelector("ul");
    this.note = this.part.querySelector("p");
    composer.form.querySelector("button").before($("desk-attach").content.cloneNode(true));
    this.choose = composer.form.querySelector(".attach");
    this.input = composer.form.querySelector('input[type="file"]');
    this.choose.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => this.add([...this.input.files]));
    this.draw();
  }

  /** From now on the conversation's channel is known, and with it what it carries. */
  allow(channel) {
    this.most = MOST[channel] ?? 0;
    this.choose.hidden = !this.most;
    this.input.multiple = this.most > 1;
  }

  add(chosen) {
    this.input.value = "";
    // Where one file goes with a message, the next takes its place.
    const files = this.most === 1 ? chosen.slice(-1) : [...this.files, ...chosen];
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    if (files.length > this.most) return this.tell(`A message takes at most ${this.most} files.`);
    if (bytes > LARGEST) return this.tell(`Together they have ${size(bytes)}; ${size(LARGEST)} is the most.`);
    if (files.some((file) => !file.size)) return this.tell("An empty file cannot be sent.");
    this.files = files;
    this.tell("");
    return this.draw();
  }

  draw() {
    this.list.replaceChildren(...this.files.map((file) => this.item(file)));
    this.show();
  }

  item(file) {
    const node = element("li", "file");
    const line = element("div", "file-line");
    const words = element("span", "file-words");
    words.append(element("b", "", file.name), element("span", "about", size(file.size)));
    const remove = button("quiet", "Remove", () => {
      this.files = this.files.filter((known) => known !== file);
      this.tell("");
      this.draw();
      this.choose.focus();
    });
    remove.setAttribute("aria-label", `Remove ${file.name}`);
    line.append(words, remove);
    node.append(line);
    return node;
  }

  tell(words) {
    this.note.textContent = words;
    this.show();
  }

  show() {
    this.part.hidden = !this.files.length && !this.note.textContent;
    this.part.setAttribute("aria-busy", String(Boolean(this.isSending)));
    for (const each of [this.choose, ...this.list.querySelectorAll("button")]) each.disabled = Boolean(this.isSending);
  }

  /** Whether these words can be sent now: nothing overtakes files that are on their way, and files need no words. */
  isReady(text) {
    return !this.isSending && Boolean(text || this.files.length);
  }

  /** What was chosen and is not on its way. */
  get kept() {
    return this.isSending ? [] : this.files;
  }

  /** Puts these back, and says why. */
  put(files, why) {
    this.files = files;
    this.draw();
    this.tell(why);
  }

  /** Sends these words with what was chosen; whether anything was. */
  take(text) {
    if (!this.files.length) return false;
    this.send(text);
    return true;
  }

  async send(text) {
    const { files, session } = this;
    const { token } = this.owner;
    this.isSending = true;
    this.tell("Sending…");
    const { isDone, why } = await this.write(session, token, text, files);
    this.isSending = false;
    this.put([], "");
    // Whoever has signed in since has nothing to do with it.
    if (!isDone && token === this.owner.token) this.owner.returned(session, text, files, `Not sent: ${why}`);
  }

  async write(session, token, text, files) {
    const path = `/api/admin/sessions/${encodeURIComponent(session)}/messages`;
    try {
      const attachments = await Promise.all(files.map(described));
      const body = JSON.stringify({ text, messageId: this.named(text, files), attachments });
      const headers = { "Content-Type": "application/json" };
      const answer = await ask(path, token, { method: "POST", headers, body });
      return { isDone: answer.status === 200, why: problem(answer) };
    } catch {
      // A file that was moved since it was chosen ends here, and a hub that is away.
      return { isDone: false, why: "the hub or a file cannot be reached." };
    }
  }

  /** The same answer sent again keeps its id, so that it is stored once. */
  named(text, files) {
    const isSame = this.last?.text === text && this.last.files === files;
    if (!isSame) this.last = { text, files, id: newId() };
    return this.last.id;
  }
}
