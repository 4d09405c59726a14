// What an agent has begun in each conversation and not finished: the draft with its files, and what has not reached the
// hub yet.
//
// It lasts as long as the agent is signed in, and is kept on the page alone.

/** Most conversations something is kept of; the one left longest ago goes first. */
const MOST = 100;

export class Begun {
  constructor() {
    this.kept = new Map();
  }

  /** Keeps a `draft`, its `files`, or `unsent` messages, of this conversation. */
  keep(id, change) {
    const begun = { ...this.read(id), ...change };
    this.kept.delete(id);
    if (begun.draft.trim() || begun.files.length || begun.unsent.length) this.kept.set(id, begun);
    if (this.kept.size > MOST) this.kept.delete(this.kept.keys().next().value);
  }

  read(id) {
    return this.kept.get(id) ?? { draft: "", files: [], unsent: [] };
  }

  clear() {
    this.kept.clear();
  }
}
