// Files of messages, fetched with the agent's token: images to look at, voice messages to hear, everything to keep.
//
// Only kinds of files that can do nothing are ever given an address as what they are; all others are bytes to save.

import { button, element } from "../dom.js";
import { load } from "../http.js";
import { capitalized, size, spaced } from "../words.js";

const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const SOUNDS = new Set(["audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/wav", "audio/x-wav", "audio/webm", "audio/flac"]);
/** Largest file that is shown without being asked for, bytes. */
const UNASKED = 4_000_000;

function kind({ mediaType }) {
  const type = String(mediaType).split(";")[0].trim().toLowerCase();
  if (IMAGES.has(type)) return { name: "image", type };
  if (SOUNDS.has(type)) return { name: "sound", type };
  return { name: "file", type: "application/octet-stream" };
}

export class Files {
  /** `owner` has `token` and `open`, the session. */
  constructor(owner, scroll) {
    this.owner = owner;
    this.addresses = new Map();
    this.unseen = new Map();
    this.sight = new IntersectionObserver((seen) => this.look(seen), { root: scroll, rootMargin: "200px 0px" });
  }

  /** Lists a message's files below its words. */
  show(node, { sequence, text, attachments = [], kind: form }) {
    node.querySelector(".text").classList.toggle("is-empty", !text.trim() && attachments.length > 0);
    const drawn = attachments.map(({ id }) => id).join();
    if (drawn === (node.dataset.files ?? "")) return;
    node.dataset.files = drawn;
    node.querySelector(".files")?.remove();
    const list = element("ul", "files");
    list.setAttribute("aria-label", "Files");
    list.append(...attachments.map((file) => this.item(sequence, file, form === "email")));
    node.querySelector(".at").before(list);
  }

  /** Says of a message without words what it is, and why a file of it is not there. */
  explain(node, { kind: form, text, failure, attachments = [] }) {
    node.querySelector(".explained")?.remove();
    const isBare = !text.trim() && !attachments.length && form && form !== "email";
    const words = [isBare && capitalized(spaced(form)), failure && capitalized(failure)].filter(Boolean).join(". ");
    if (words) node.querySelector(".at").before(element("p", "explained", words));
    node.querySelector(".text").classList.toggle("is-empty", !text.trim() && Boolean(words || attachments.length));
  }

  item(sequence, file, isMail) {
    const node = element("li", "file");
    const line = element("div", "file-line");
    const { name } = kind(file);
    const words = element("span", "file-words");
    words.append(element("b", "", file.name || "File"), element("span", "about", size(file.bytes)));
    const keep = button("quiet", "Download", () => this.keep(sequence, file, line));
    keep.setAttribute("aria-label", `Download ${file.name}`);
    line.append(words, keep);
    node.append(line);
    if (name === "file") return node;
    const see = () => this.display(sequence, file, node);
    // Images of a mail mostly stand in the mail itself.
    if (!isMail && file.bytes <= UNASKED) this.await(node, see);
    else this.offer(line, file, name === "image" ? "View" : "Play", see);
    return node;
  }

  offer(line, file, label, see) {
    const shows = button("quiet", label, () => {
      shows.remove();
      see();
    });
    shows.setAttribute("aria-label", `${label} ${file.name}`);
    line.lastChild.before(shows);
  }

  await(node, see) {
    this.unseen.set(node, see);
    this.sight.observe(node);
  }

  look(seen) {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      this.sight.unobserve(target);
      this.unseen.get(target)?.();
      this.unseen.delete(target);
    }
  }

  /** An address of the file's bytes on this page, for as long as the conversation is open. */
  async address(sequence, file) {
    const known = this.addresses.get(file.id);
    if (known) return known;
    const session = encodeURIComponent(this.owner.open);
    const path = `/api/admin/sessions/${session}/messages/${sequence}/attachments/${file.id}`;
    const answer = await load(path, this.owner.token).catch(() => null);
    if (answer?.status !== 200) return null;
    const bytes = await answer.arrayBuffer();
    const address = URL.createObjectURL(new Blob([bytes], { type: kind(file).type }));
    this.addresses.set(file.id, address);
    return address;
  }

  async display(sequence, file, node) {
    const address = await this.address(sequence, file);
    if (!address) return this.fail(node);
    const { name } = kind(file);
    const shown = element(name === "image" ? "img" : "audio", `file-${name}`);
    if (name === "image") shown.alt = file.name;
    else {
      shown.controls = true;
      shown.setAttribute("aria-label", file.name);
    }
    // What its sender calls an image or a recording may be neither: it stays a file to save.
    shown.addEventListener("error", () => shown.remove());
    shown.src = address;
    node.prepend(shown);
    return undefined;
  }

  async keep(sequence, file, line) {
    const address = await this.address(sequence, file);
    if (!address) return this.fail(line.parentElement);
    const link = element("a");
    link.href = address;
    link.download = file.name || "file";
    link.click();
    return undefined;
  }

  fail(node) {
    node.querySelector(".problem")?.remove();
    const note = element("p", "problem", "This file could not be fetched.");
    note.setAttribute("role", "alert");
    node.append(note);
  }

  stop() {
    this.sight.disconnect();
    for (const address of this.addresses.values()) URL.revokeObjectURL(address);
  }
}
