// Which conversations are open, newest first: the newest page, and further ones as they are asked for.
//
// Pages follow each other by key, and each takes the place of all that was known between its ends, so that nothing
// stands here twice, whatever is opened or closed between two of them.

/** Conversations on a page. */
const PAGE = 20;
/** The most that are asked for at once to see how those that are known are now. */
const LOOK = 100;

export class OpenSessions {
  /** `ask` gives an answer's `status` and `body` to a query. */
  constructor(ask) {
    this.ask = ask;
    /** What is known, newest first. */
    this.known = [];
    /** How many are open altogether. */
    this.total = 0;
    this.isLong = false;
    this.line = Promise.resolve();
  }

  get hasMore() {
    return this.total > this.known.length;
  }

  /** Sees how those that are known are now, and what has been opened since. */
  refresh() {
    return this.inTurn(async () => {
      const oldest = this.known.at(-1)?.conversationId;
      this.isLong &&= Boolean(oldest);
      if (!(await this.read(null, this.isLong ? LOOK : PAGE))) return false;
      if (this.isLong) {
        await this.lookDeeper();
        // Nobody has asked for what lies behind.
        this.known = this.known.filter(({ conversationId }) => conversationId >= oldest);
      } else {
        this.known.splice(PAGE);
      }
      return true;
    });
  }

  /** Of what lies deeper than one look, one part each time. */
  async lookDeeper() {
    if (this.known.length <= LOOK) return;
    const top = this.known[LOOK - 1].conversationId;
    const page = await this.read(this.looked < top ? this.looked : top, LOOK);
    this.looked = page?.length === LOOK ? page.at(-1).conversationId : null;
  }

  /** Reads the page behind those that are known; whether there was any. */
  more() {
    return this.inTurn(async () => {
      const last = this.known.at(-1);
      const page = last && this.hasMore && (await this.read(last.conversationId, PAGE));
      this.isLong ||= Boolean(page?.length);
      return Boolean(page?.length);
    });
  }

  /** One after the other: an answer that was overtaken would undo what a newer one has told. */
  inTurn(job) {
    this.line = this.line.then(job);
    return this.line;
  }

  async read(before, limit) {
    const { status, body } = await this.ask(`limit=${limit}${before ? `&before=${before}` : ""}`);
    if (status !== 200 || !body.sessions) return null;
    const { sessions, pagination } = body;
    this.total = pagination.total;
    const last = sessions.length < limit ? "" : sessions.at(-1).conversationId;
    const isAbove = ({ conversationId }) => before && conversationId >= before;
    const isBelow = ({ conversationId }) => conversationId < last;
    this.known = [...this.known.filter(isAbove), ...sessions, ...this.known.filter(isBelow)];
    return sessions;
  }
}
