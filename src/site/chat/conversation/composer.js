// Where a message is written: grows with it, sends it on Enter, and tells the other side that somebody types.

const TYPING = { renew: 3_000, idle: 4_000 };

export class Composer {
  /** `owner` has `send` for frames, `say` for messages, and `isReady` when these words can be said. */
  constructor(form, label, owner) {
    this.form = form;
    this.owner = owner;
    this.text = form.querySelector("textarea");
    this.text.placeholder = label;
    form.querySelector("label span").textContent = label;
    form.addEventListener("submit", (event) => this.submit(event));
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("input", () => this.typed());
  }

  submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    if (!this.owner.isReady(text)) return;
    this.text.value = "";
    this.stopTyping();
    this.grow();
    this.owner.say(text);
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  typed() {
    this.grow();
    const now = Date.now();
    if (!this.typedAt || now - this.typedAt > TYPING.renew) {
      this.typedAt = now;
      this.owner.send({ type: "typing", isTyping: true });
    }
    clearTimeout(this.typist);
    this.typist = setTimeout(() => this.stopTyping(), TYPING.idle);
  }

  stopTyping() {
    clearTimeout(this.typist);
    if (!this.typedAt) return;
    this.typedAt = 0;
    this.owner.send({ type: "typing", isTyping: false });
  }

  grow() {
    const { text } = this;
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight + 2, 140)}px`;
  }

  /** Puts these words in, for the writer to go on from. */
  fill(text) {
    this.put(text);
    this.text.focus();
  }

  /** The same, and the keyboard stays where it is. */
  put(text) {
    this.text.value = text;
    this.grow();
  }

  stop() {
    clearTimeout(this.typist);
  }
}
