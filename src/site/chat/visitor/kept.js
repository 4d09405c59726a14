// What the visitor's tab keeps over a reload: the conversation, its key, and what is not sent yet.

export const kept = {
  key: "switchboard.guest",
  read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key)) ?? {};
    } catch {
      return {};
    }
  },
  write(change) {
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ ...this.read(), ...change }));
    } catch {
      // A browser that keeps nothing: the conversation lasts as long as the page.
    }
  },
  clear() {
    try {
      sessionStorage.removeItem(this.key);
    } catch {
      // Nothing was kept.
    }
  },
};
