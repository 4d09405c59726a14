// Who types on the other side; it fades by itself when nothing more is heard.

const FADE = 7_000;

export class Typing {
  /** `who` names whoever a frame is from. */
  constructor(root, log, who) {
    this.line = root.querySelector(".typing");
    this.words = root.querySelector(".typing-text");
    this.log = log;
    this.who = who;
  }

  show(frame) {
    const isAtEnd = this.log.isAtEnd();
    this.words.textContent = `${this.who(frame)} is typing`;
    this.line.hidden = false;
    if (isAtEnd) this.log.toEnd();
    clearTimeout(this.fading);
    this.fading = setTimeout(() => this.fade(), FADE);
  }

  fade() {
    this.stop();
    this.line.hidden = true;
  }

  stop() {
    clearTimeout(this.fading);
  }
}
