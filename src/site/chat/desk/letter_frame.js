// The document a mail is shown in: one of ours, empty, sandboxed without scripts and under a policy of its own, filled
// from here.
//
// The hub has taken out whatever acts or loads; nothing here relies on that. What is put in cannot run, for the frame
// allows no scripts; it loads nothing, for the document's policy forbids it, until an agent asks for the images.

import { element } from "../dom.js";
import { quotes } from "./quotes.js";

const PLAIN = "/chat/mail.html";
const WITH_IMAGES = "/chat/mail-with-images.html";
/** Same origin, so that this page can fill and measure it; without scripts nobody in there can use that. */
const SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";
const HEIGHT = { least: 48, most: 620 };
const LINKS = new Set(["http:", "https:", "mailto:", "tel:"]);

export class LetterFrame {
  /** `said` is what of the mail the hub takes for its writer's own words; `filled` is called when they are in, each time. */
  constructor({ html, said, title }, filled) {
    this.html = html;
    this.said = said;
    this.filled = filled;
    this.node = element("iframe", "letter-frame");
    this.node.title = title;
    this.node.setAttribute("sandbox", SANDBOX);
    this.node.addEventListener("load", () => this.fill());
    this.node.src = PLAIN;
    this.sizes = new ResizeObserver(() => this.measure());
    this.sizes.observe(this.node);
    /** Nodes of what is quoted, and images that lie elsewhere. */
    this.quoted = [];
    this.remote = 0;
    this.isFolded = true;
  }

  get hasImages() {
    return this.node.getAttribute("src") === WITH_IMAGES;
  }

  showImages() {
    this.node.src = WITH_IMAGES;
  }

  fold(isFolded) {
    this.isFolded = isFolded;
    for (const part of this.quoted) part.hidden = isFolded;
    this.measure();
  }

  fill() {
    const inside = this.node.contentDocument;
    if (!inside?.body || inside.location.pathname !== this.node.getAttribute("src")) return;
    // Kept before a stranger's words are in, which could have names of their own.
    this.body = inside.body;
    const template = inside.createElement("template");
    template.innerHTML = this.html;
    this.prepare(template.content);
    this.body.replaceChildren(template.content);
    this.quoted = quotes(this.body, this.said);
    this.sizes.observe(this.body);
    this.fold(this.isFolded);
    this.filled();
  }

  prepare(content) {
    for (const link of content.querySelectorAll("a[href]")) {
      if (!LINKS.has(link.protocol)) link.removeAttribute("href");
      link.target = "_blank";
      link.rel = "noopener noreferrer nofollow";
    }
    // An image that the mail names and has not.
    for (const image of content.querySelectorAll("img[src]:not([src^='data:'])")) image.removeAttribute("src");
    const remote = [...content.querySelectorAll("img[data-remote-src]")];
    this.remote = remote.length;
    if (this.hasImages) for (const image of remote) image.src = image.dataset.remoteSrc;
  }

  /** As high as the words are, within limits; beyond them the frame scrolls. */
  measure() {
    if (!this.body?.isConnected || !this.node.offsetWidth) return;
    const inner = Math.max(this.body.scrollHeight, this.body.getBoundingClientRect().height);
    // A table that is too wide has its own bar below.
    const bar = this.body.ownerDocument.documentElement.scrollWidth > this.node.clientWidth ? 16 : 0;
    const height = Math.min(HEIGHT.most, Math.max(HEIGHT.least, Math.ceil(inner) + bar));
    if (this.height === height) return;
    this.height = height;
    this.node.style.height = `${height}px`;
  }

  stop() {
    this.sizes.disconnect();
  }
}
