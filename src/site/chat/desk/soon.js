// Something that is asked for in bursts, done seldom: at once, then not before a pause is over, and then once for all
// that came in between. Never twice at the same time.

export class Soon {
  /** `act` may take its time; `pause` is what lies between its end and its next beginning, milliseconds. */
  constructor(act, pause) {
    this.act = act;
    this.pause = pause;
  }

  ask() {
    this.isWanted = true;
    if (!this.isBusy) this.go();
  }

  async go() {
    this.isWanted = false;
    this.isBusy = true;
    try {
      await this.act();
    } finally {
      this.timer = setTimeout(() => this.rest(), this.pause);
    }
  }

  rest() {
    this.isBusy = false;
    if (this.isWanted) this.go();
  }

  /** Forgets what was asked for; whoever asks again is served at once. */
  stop() {
    clearTimeout(this.timer);
    this.isWanted = false;
    this.isBusy = false;
  }
}
