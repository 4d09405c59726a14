// The page's chat: a visitor's side and an agent's desk, both over `/ws`.
//
// Line keeps one socket open and comes back by itself; Chat shows one conversation, each message once and by its
// sequence; Shop and Desk are the two panes. Whatever comes from the hub is shown as text, never as markup.

const BACKOFF = { first: 400, most: 15_000 };
const UNANSWERED = 15_000;
const TYPING = { renew: 3_000, idle: 4_000, fade: 7_000 };
const REFRESH = 10_000;
const RETRY = new Set(["rate_limit_exceeded", "service_unavailable", "internal_error"]);

/** Close codes after which coming back by itself would not help. */
const FINAL = new Map([
  [1000, "This conversation has ended."],
  [1002, "This browser and the hub do not understand each other."],
  [1007, "This browser and the hub do not understand each other."],
  [1008, "The connection was closed because what this page sent was not understood."],
  [1009, "That was too much at once. Please send it in smaller parts."],
  [4401, "You have been signed out."],
  [4403, "This conversation belongs to somebody else."],
  [4409, "This conversation is no longer there."],
  [4429, "There are too many open connections. Close another tab and try again."],
]);

const $ = (id) => document.getElementById(id);

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(className, text, act) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `web-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function clock(at) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function spaced(name) {
  return String(name ?? "").replaceAll("_", " ");
}

/** Asks the hub over HTTP; the answer's status and body. */
async function ask(path, token, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, { ...options, headers });
  return { status: answer.status, body: await answer.json().catch(() => ({})) };
}

/** One socket that comes back by itself until it is stopped or told not to. */
class Line {
  /** `query` gives the parameters at each attempt; `heard` has `frame`, `state`, `ended` and perhaps `isRefused`. */
  constructor(query, heard) {
    this.query = query;
    this.heard = heard;
    this.attempts = 0;
    this.atOnce = () => this.timer && this.open();
    addEventListener("online", this.atOnce);
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    this.timer = null;
    this.isUp = false;
    this.heard.state(this.attempts ? "reconnecting" : "connecting");
    const query = Object.entries(this.query()).filter(([, value]) => value !== null && value !== undefined);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws?${new URLSearchParams(query)}`);
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => socket === this.socket && this.hear(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => socket === this.socket && this.lost(code));
  }

  hear(frame) {
    if (frame.type === "connection_established") {
      this.attempts = 0;
      this.isUp = true;
    }
    this.heard.frame(frame);
    if (frame.type === "connection_established" && this.isUp) this.heard.state("connected");
  }

  async lost(code) {
    const wasUp = this.isUp;
    this.isUp = false;
    if (FINAL.has(code)) return this.end(code);
    this.heard.state("reconnecting");
    // A browser does not say why an upgrade was refused.
    if (!wasUp && this.heard.isRefused && (await this.heard.isRefused())) return this.end(4401);
    if (this.isStopped) return undefined;
    const longest = Math.min(BACKOFF.most, BACKOFF.first * 2 ** this.attempts);
    this.attempts += 1;
    this.timer = setTimeout(() => this.open(), longest * (0.5 + Math.random() / 2));
    return undefined;
  }

  end(code) {
    this.stop();
    this.heard.ended(code, FINAL.get(code));
  }

  /** Whether the frame went out; one that did not is the caller's to keep. */
  send(frame) {
    if (!this.isUp || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify({ ...frame, timestamp: new Date().toISOString() }));
    return true;
  }

  /** Drops a socket that answers nothing any more, and opens another. */
  renew() {
    this.socket.close();
    this.open();
  }

  stop() {
    this.isStopped = true;
    this.isUp = false;
    clearTimeout(this.timer);
    this.timer = null;
    removeEventListener("online", this.atOnce);
    const { socket } = this;
    this.socket = null;
    socket?.close(1000);
  }
}

/** One conversation on the page: what was said, what is still on its way, who types, and the composer. */
class Chat {
  /** `side` is "customer" or "agent"; `seen` has the owner's `label`, `welcome`, `who`, `frame`, `ended` and `keep`. */
  constructor(root, side, seen, waiting = []) {
    this.side = side;
    this.seen = seen;
    this.messages = [];
    this.complete = 0;
    this.unsent = [];
    this.requests = new Map();
    this.status = null;
    root.replaceChildren($("chat-parts").content.cloneNode(true));
    const part = (selector) => root.querySelector(selector);
    this.parts = {
      link: part(".link"), linkText: part(".link-text"), scroll: part(".scroll"), sent: part(".sent"),
      unsent: part(".unsent"), welcome: part(".welcome"), typing: part(".typing"), typingText: part(".typing-text"),
      notice: part(".notice"), extra: part(".extra"), form: part(".composer"), text: part("textarea"),
    };
    part(".composer label span").textContent = seen.label;
    this.parts.text.placeholder = seen.label;
    this.parts.welcome.textContent = seen.welcome;
    root.dataset.said = "nothing";
    this.root = root;
    this.stayAtEnd();
    this.parts.form.addEventListener("submit", (event) => this.submit(event));
    this.parts.text.addEventListener("keydown", (event) => this.key(event));
    this.parts.text.addEventListener("input", () => this.typed());
    for (const { id, text, at } of waiting) this.queue(id, text, at);
  }

  /** Connects with these parameters; what is missing since is asked for each time. */
  connect(query, isRefused) {
    this.line?.stop();
    const heard = {
      frame: (frame) => this.hear(frame),
      state: (state) => this.show(state),
      ended: (code, text) => this.end(code, text),
      isRefused,
    };
    this.line = new Line(() => ({ ...query(), lastSequence: this.complete }), heard);
  }

  stop() {
    this.line?.stop();
    this.room.disconnect();
    clearInterval(this.watch);
    clearTimeout(this.fading);
    clearTimeout(this.typist);
  }

  show(state) {
    const words = { connecting: "Connecting…", connected: "Connected", reconnecting: "Connection lost. Coming back…" };
    this.parts.link.dataset.state = state;
    this.parts.linkText.textContent = words[state];
    if (state === "connected") this.flush();
    else this.fade();
  }

  end(code, text) {
    this.parts.link.dataset.state = "ended";
    this.parts.linkText.textContent = "Not connected";
    clearInterval(this.watch);
    this.fade();
    this.seen.ended(code, text);
  }

  notice(text, label, act) {
    const [words, choice] = this.parts.notice.children;
    words.textContent = text;
    choice.textContent = label;
    choice.onclick = act;
    this.parts.notice.hidden = false;
  }

  hear(frame) {
    const kinds = {
      message: () => this.receive(frame),
      ack: () => this.acknowledged(frame),
      error: () => this.refused(frame),
      typing_start: () => this.types(frame),
      typing_stop: () => this.fade(),
      connection_established: () => this.turn(frame.status),
      handover_initiated: () => this.turn("waiting"),
      status_changed: () => this.turn(frame.status),
    };
    kinds[frame.type]?.();
    this.seen.frame(frame);
  }

  turn(status) {
    if (status) this.status = status;
  }

  // What was said.

  receive(frame) {
    if (frame.sender !== "customer" || this.side !== "customer") this.fade();
    this.place(frame.sequence, frame);
    if (frame.sender !== this.side) return;
    // What this page sent before a loss comes back as history before its own answer does.
    const twin = this.unsent.find((entry) => entry.wasSent && !entry.node.hidden && entry.text === frame.text);
    if (twin) twin.node.hidden = true;
  }

  place(sequence, message) {
    let index = this.messages.length;
    while (index > 0 && this.messages[index - 1].sequence > sequence) index -= 1;
    if (this.messages[index - 1]?.sequence === sequence) return;
    const node = this.bubble(message.sender, message.text, message.timestamp, this.seen.who(message));
    node.dataset.sequence = sequence;
    const isAtEnd = this.isAtEnd();
    this.parts.sent.insertBefore(node, this.messages[index]?.node ?? null);
    this.messages.splice(index, 0, { sequence, node });
    while (this.messages[this.complete]?.sequence === this.complete + 1) this.complete += 1;
    this.begun();
    if (isAtEnd || message.sender === this.side) this.toEnd();
  }

  begun() {
    this.parts.welcome.hidden = true;
    this.root.dataset.said = "something";
  }

  bubble(sender, text, at, who) {
    const node = element("li", "message");
    node.dataset.sender = sender;
    node.dataset.own = String(sender === this.side);
    const when = sender === this.side ? `${clock(at)} · sent` : clock(at);
    node.append(element("span", "who", who), element("p", "text", text), element("span", "at", when));
    return node;
  }

  /** Whoever reads the newest goes on reading it when something below the messages takes room. */
  stayAtEnd() {
    const { scroll } = this.parts;
    let stays = true;
    scroll.addEventListener("scroll", () => (stays = this.isAtEnd()));
    this.room = new ResizeObserver(() => stays && this.toEnd());
    this.room.observe(scroll);
  }

  isAtEnd() {
    const { scroll } = this.parts;
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  }

  toEnd() {
    const { scroll } = this.parts;
    scroll.scrollTop = scroll.scrollHeight;
  }

  // What is on its way.

  submit(event) {
    event.preventDefault();
    const text = this.parts.text.value.trim();
    if (!text || this.line?.isStopped) return;
    this.parts.text.value = "";
    this.stopTyping();
    this.grow();
    this.say(text);
  }

  say(text) {
    this.queue(newId(), text, new Date().toISOString());
    this.flush();
    this.toEnd();
  }

  queue(id, text, at) {
    const node = this.bubble(this.side, text, at, this.seen.who({ sender: this.side, isOwn: true }));
    node.dataset.state = "sending";
    node.querySelector(".at").textContent = "sending…";
    this.parts.unsent.append(node);
    this.begun();
    this.unsent.push({ id, text, at, node, wasSent: false });
    this.seen.keep(this.unsent);
    clearInterval(this.watch);
    this.watch = setInterval(() => this.look(), UNANSWERED / 3);
  }

  /** Asks the hub to do something that is no message; `done` hears whether it was done. */
  request(frame, done = () => {}) {
    const id = newId();
    this.requests.set(id, { frame: { ...frame, id }, done });
    this.line?.send({ ...frame, id });
  }

  flush() {
    for (const { frame } of this.requests.values()) this.line.send(frame);
    for (const entry of this.unsent) this.transmit(entry);
  }

  transmit(entry) {
    if (entry.hasFailed || !this.line?.send({ type: "text", text: entry.text, id: entry.id })) return;
    entry.wasSent = true;
    entry.since = Date.now();
  }

  /** A socket that leaves a message unanswered for long is dead, whatever it says of itself. */
  look() {
    if (!this.unsent.length) clearInterval(this.watch);
    const isDead = this.unsent.some(({ since, hasFailed }) => !hasFailed && since && Date.now() - since > UNANSWERED);
    if (!isDead || !this.line?.isUp) return;
    for (const entry of this.unsent) entry.since = undefined;
    this.line.renew();
  }

  acknowledged({ id, sequence, timestamp }) {
    this.requests.get(id)?.done(true);
    this.requests.delete(id);
    const entry = this.forget(id);
    if (!entry) return;
    entry.node.remove();
    this.place(sequence, { sender: this.side, text: entry.text, timestamp, isOwn: true });
  }

  refused({ id, code, message }) {
    const request = this.requests.get(id);
    if (request) {
      this.requests.delete(id);
      request.done(false, message);
    }
    const entry = this.unsent.find((known) => known.id === id);
    if (!entry) return;
    if (RETRY.has(code)) setTimeout(() => this.transmit(entry), 2_000);
    else this.fail(entry, message);
  }

  fail(entry, message) {
    entry.hasFailed = true;
    entry.node.hidden = false;
    entry.node.dataset.state = "failed";
    entry.node.querySelector(".at").textContent = `Not sent: ${message}`;
    const again = () => {
      this.forget(entry.id);
      entry.node.remove();
      this.say(entry.text);
    };
    entry.node.append(button("again", "Send again", again));
  }

  forget(id) {
    const index = this.unsent.findIndex((entry) => entry.id === id);
    if (index < 0) return undefined;
    const [entry] = this.unsent.splice(index, 1);
    this.seen.keep(this.unsent);
    return entry;
  }

  // Who types.

  types(frame) {
    const isAtEnd = this.isAtEnd();
    this.parts.typingText.textContent = `${this.seen.who(frame)} is typing`;
    this.parts.typing.hidden = false;
    if (isAtEnd) this.toEnd();
    clearTimeout(this.fading);
    this.fading = setTimeout(() => this.fade(), TYPING.fade);
  }

  fade() {
    clearTimeout(this.fading);
    this.parts.typing.hidden = true;
  }

  typed() {
    this.grow();
    const now = Date.now();
    if (!this.typedAt || now - this.typedAt > TYPING.renew) {
      this.typedAt = now;
      this.line?.send({ type: "typing", isTyping: true });
    }
    clearTimeout(this.typist);
    this.typist = setTimeout(() => this.stopTyping(), TYPING.idle);
  }

  stopTyping() {
    clearTimeout(this.typist);
    if (!this.typedAt) return;
    this.typedAt = 0;
    this.line?.send({ type: "typing", isTyping: false });
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.parts.form.requestSubmit();
  }

  grow() {
    const { text } = this.parts;
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight + 2, 140)}px`;
  }

  suggest(text) {
    this.parts.text.value = text;
    this.grow();
    this.parts.text.focus();
  }
}

/** What the visitor's tab keeps over a reload. */
const kept = {
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

/** The visitor's pane: a guest of the shop. */
class Shop {
  static ASK = [
    "How long do I have to return something?",
    "Do you repair tents?",
    "Who won the football match yesterday?",
    "I want to talk to a person",
  ];

  constructor() {
    $("person").addEventListener("click", () => this.wantPerson());
    this.start();
  }

  start() {
    this.chat?.stop();
    const { sessionId = null, token = null, unsent = [] } = kept.read();
    this.guest = { sessionId, token };
    const seen = {
      label: "Your message",
      welcome: "Hello! Ask about orders, returns, repairs or gear. If the assistant does not know, one of our team will.",
      who: (message) => this.who(message),
      frame: (frame) => this.hear(frame),
      ended: (code, text) => this.end(code === 4401 ? "This conversation can no longer be opened from here." : text),
      keep: (entries) => kept.write({ unsent: entries.map(({ id, text, at }) => ({ id, text, at })) }),
    };
    this.chat = new Chat($("shop-chat"), "customer", seen, unsent);
    this.chat.parts.extra.append($("shop-extra").content.cloneNode(true));
    this.fillExtra(this.chat.parts.extra);
    this.chat.connect(() => this.guest, () => this.isRefused());
  }

  end(text) {
    this.chat.notice(text, "Start a new conversation", () => this.anew());
  }

  anew() {
    kept.clear();
    this.start();
  }

  fillExtra(extra) {
    extra.querySelector(".chips").append(...Shop.ASK.map((text) => {
      const item = element("li");
      item.append(button("chip", text, () => this.chat.line.isStopped || this.chat.say(text)));
      return item;
    }));
    this.rating = extra.querySelector(".rating");
    this.rating.addEventListener("submit", (event) => this.rate(event));
  }

  who({ sender, agentName }) {
    return { customer: "You", ai: "Assistant" }[sender] ?? agentName ?? "Our team";
  }

  /** Whether this guest's key opens nothing any more. */
  async isRefused() {
    const { sessionId, token } = this.guest;
    if (!token) return false;
    try {
      const { status } = await ask(`/api/core/sessions/${encodeURIComponent(sessionId)}/context`, token);
      return status === 401 || status === 403;
    } catch {
      return false;
    }
  }

  hear(frame) {
    if (frame.type === "connection_established") this.remember(frame);
    if (frame.agentName) this.agent = frame.agentName;
    this.stand();
  }

  remember({ sessionId, token }) {
    this.guest = { sessionId, token: token ?? this.guest.token };
    kept.write(this.guest);
  }

  stand() {
    const { status } = this.chat;
    const words = {
      active: "Our assistant answers at once.",
      waiting: "We are calling one of our team for you.",
      with_agent: `${this.agent ? capitalized(this.agent) : "One of our team"} is here with you.`,
      closed: "This conversation is closed. Write whenever you need us again.",
    };
    const standing = words[status] ?? words.active;
    if ($("shop-standing").textContent !== standing) $("shop-standing").textContent = standing;
    $("person").disabled = status !== "active";
    if (this.status !== status) this.turn(status);
  }

  turn(status) {
    this.status = status;
    this.rating.hidden = status !== "closed";
    this.rating.querySelector("fieldset").hidden = false;
    this.rating.querySelector(".thanks").hidden = true;
  }

  wantPerson() {
    if (this.chat.line.isStopped) return;
    $("person").disabled = true;
    this.chat.request({ type: "handover_request" }, (isDone, why) => {
      if (isDone) return;
      this.stand();
      $("shop-standing").textContent = why;
    });
  }

  rate(event) {
    event.preventDefault();
    const given = new FormData(this.rating);
    const stars = Number(given.get("stars"));
    if (!stars) return;
    const comment = String(given.get("comment") ?? "").trim();
    const frame = { type: "rating", rating: stars, ...(comment && { comment }) };
    this.chat.request(frame, (isDone) => {
      this.rating.querySelector("fieldset").hidden = isDone;
      this.rating.querySelector(".thanks").hidden = !isDone;
      if (isDone) this.rating.reset();
    });
  }
}

/** The agent's pane: offers, open conversations, and the one that is being worked on. */
class Desk {
  constructor() {
    this.offers = new Map();
    $("sign-in").addEventListener("submit", (event) => this.signIn(event));
    $("sign-out").addEventListener("click", () => this.signOut("Signed out"));
    $("take").addEventListener("click", () => this.act("handover_accept"));
    $("release").addEventListener("click", () => this.act("handover_release"));
    $("close").addEventListener("click", () => this.act("close"));
    $("back").addEventListener("click", () => ($("desk").dataset.view = "list"));
  }

  async signIn(event) {
    event.preventDefault();
    const form = $("sign-in");
    const problem = form.querySelector(".problem");
    problem.hidden = true;
    const fields = Object.fromEntries(new FormData(form));
    const { status, body } = await this.login(fields).catch(() => ({ status: 0, body: {} }));
    if (status === 200 && body.access_token) {
      form.reset();
      this.begin(body.access_token, fields.username);
      return;
    }
    const why = status === 0 ? "The hub cannot be reached." : body.detail ?? body.error?.message;
    problem.textContent = typeof why === "string" ? why : "That did not work. Check the name and the password.";
    problem.hidden = false;
  }

  login(fields) {
    const headers = { "Content-Type": "application/json" };
    return ask("/api/auth/login", null, { method: "POST", headers, body: JSON.stringify(fields) });
  }

  begin(token, name) {
    this.token = token;
    this.name = name;
    this.signed(true);
    const heard = {
      frame: (frame) => this.hear(frame),
      state: (state) => this.stand(state),
      ended: (code, text) => this.signOut(text),
      isRefused: () => this.isRefused(),
    };
    this.line = new Line(() => ({ token: this.token }), heard);
    this.timer = setInterval(() => document.hidden || this.refresh(), REFRESH);
    this.ticker = setInterval(() => this.drawOffers(), 1_000);
    this.refresh();
  }

  signed(isIn) {
    $("sign-in").hidden = isIn;
    $("workplace").hidden = !isIn;
    $("sign-out").hidden = !isIn;
  }

  signOut(text) {
    clearInterval(this.timer);
    clearInterval(this.ticker);
    this.line?.stop();
    this.leave();
    this.token = null;
    this.offers.clear();
    this.signed(false);
    $("desk-standing").textContent = text;
  }

  stand(state) {
    const words = { connected: `Signed in as ${this.name}`, connecting: "Connecting…" };
    $("desk-standing").textContent = words[state] ?? "Connection lost. Coming back…";
    if (state === "connected") this.refresh();
  }

  async isRefused() {
    try {
      const { status } = await ask("/api/admin/sessions/active?limit=1", this.token);
      return status === 401;
    } catch {
      return false;
    }
  }

  // What waits.

  hear(frame) {
    // What is open here has its own button to take it over.
    if (frame.type !== "handover_offer" || frame.sessionId === this.open) return;
    this.offers.set(frame.sessionId, frame);
    this.drawOffers();
    this.refresh();
  }

  drawOffers() {
    for (const [id, { until }] of this.offers) {
      if (Date.parse(until) <= Date.now()) this.offers.delete(id);
    }
    const ids = [...this.offers.keys()].join();
    $("no-offers").hidden = this.offers.size > 0;
    if (ids === this.drawn) return;
    this.drawn = ids;
    $("offers").replaceChildren(...[...this.offers.values()].map((offer) => this.offerRow(offer)));
  }

  offerRow({ sessionId, reason, customerName, until }) {
    const accept = button("strong", "Accept", () => this.accept(sessionId, customerName));
    const about = `${capitalized(spaced(reason))} · until ${clock(until)}`;
    return this.row(sessionId, customerName || "Visitor", about, accept);
  }

  row(id, title, about, act) {
    const node = element("li", "row");
    node.dataset.session = id;
    const words = element("div", "row-words");
    words.append(element("b", "", title), element("span", "about", about));
    act.setAttribute("aria-label", `${act.textContent}: ${title}`);
    node.append(words, act);
    return node;
  }

  async refresh() {
    if (!this.token) return;
    const { token } = this;
    const { status, body } = await ask("/api/admin/sessions/active?limit=20", token).catch(() => ({ status: 0 }));
    if (token !== this.token || status !== 200) return;
    const sessions = body.sessions ?? [];
    for (const { id, status: standing } of sessions) if (standing !== "waiting") this.offers.delete(id);
    this.drawOffers();
    this.drawSessions(sessions);
  }

  drawSessions(sessions) {
    const drawn = JSON.stringify([sessions, this.open]);
    if (drawn === this.drawnSessions) return;
    this.drawnSessions = drawn;
    $("no-sessions").hidden = sessions.length > 0;
    $("sessions").replaceChildren(...sessions.map((session) => this.sessionRow(session)));
  }

  sessionRow({ id, customerName, channel, status, agentName, lastMessageAt }) {
    const states = { active: "assistant", waiting: "waiting", with_agent: agentName || "agent" };
    const about = [spaced(channel), states[status] ?? spaced(status), clock(lastMessageAt)].filter(Boolean).join(" · ");
    const name = customerName || "Visitor";
    const act = status === "waiting"
      ? button("strong", "Accept", () => this.accept(id, name))
      : button("quiet", "Join", () => this.join(id, name));
    const node = this.row(id, name, about, act);
    node.dataset.status = status;
    node.classList.toggle("is-open", id === this.open);
    return node;
  }

  // What is worked on.

  accept(sessionId, name) {
    this.join(sessionId, name);
    this.act("handover_accept");
  }

  join(sessionId, name) {
    if (this.open !== sessionId) this.change(sessionId, name);
    $("desk").dataset.view = "case";
  }

  change(sessionId, name) {
    this.leave();
    this.open = sessionId;
    this.offers.delete(sessionId);
    this.drawOffers();
    this.customer = name || "Visitor";
    $("case").hidden = false;
    $("unpicked").hidden = true;
    $("case-title").textContent = this.customer;
    this.chat = new Chat($("desk-chat"), "agent", this.seen());
    this.chat.parts.extra.append($("desk-extra").content.cloneNode(true));
    this.chat.connect(() => ({ token: this.token, sessionId }), () => this.isRefused());
    this.refresh();
  }

  seen() {
    return {
      label: "Answer as an agent",
      welcome: "Nothing has been said yet.",
      who: (message) => this.who(message),
      frame: (frame) => this.hearCase(frame),
      ended: (code, text) => (code === 4401 ? this.signOut(text) : this.chat.notice(text, "Back", () => this.leave())),
      keep: () => {},
    };
  }

  leave() {
    this.chat?.stop();
    this.chat = null;
    this.open = null;
    $("case").hidden = true;
    $("unpicked").hidden = false;
    $("desk").dataset.view = "list";
  }

  who({ sender, agentName, agentId, isOwn }) {
    if (sender === "customer") return this.customer;
    if (sender === "ai") return "Assistant";
    return isOwn || agentId === this.me ? "You" : agentName ?? "Agent";
  }

  hearCase(frame) {
    if (frame.type === "connection_established") this.me = frame.userId;
    if (frame.type === "analysis") this.analyse(frame);
    if (frame.type === "handover_offer") return;
    if (frame.type === "status_changed" || frame.type === "handover_initiated") this.refresh();
    this.standCase(frame);
  }

  standCase(frame) {
    const { status } = this.chat;
    const words = {
      active: "The assistant answers.",
      waiting: "Waiting for one of us.",
      with_agent: "With an agent. The assistant is silent.",
      closed: "Closed.",
    };
    $("case-standing").textContent = frame.type === "error" && !frame.id ? frame.message : (words[status] ?? "");
    $("take").hidden = status === "with_agent" || status === "closed";
    $("release").hidden = status !== "with_agent";
    $("close").hidden = status === "closed";
  }

  act(type) {
    const { chat } = this;
    chat?.request({ type, ...(type === "handover_accept" && { sessionId: this.open }) }, (isDone, why) => {
      if (chat !== this.chat || isDone) return;
      $("case-standing").textContent = why;
    });
  }

  analyse({ intent, confidence, sentiment, suggestions = [] }) {
    const part = (selector) => this.chat.parts.extra.querySelector(selector);
    part(".analysis").hidden = false;
    part(".intent").textContent = capitalized(spaced(intent));
    part(".sureness").textContent = `${Math.round(confidence * 100)} % sure`;
    const mood = typeof sentiment === "object" && sentiment ? sentiment.label : sentiment;
    part(".mood").textContent = spaced(mood);
    part("meter").value = confidence;
    const { chat } = this;
    part(".chips").replaceChildren(...suggestions.map((text) => {
      const item = element("li");
      item.append(button("chip", String(text), () => chat.suggest(String(text))));
      return item;
    }));
  }
}

function showPane(name) {
  document.body.dataset.pane = name;
  for (const choice of document.querySelectorAll("[data-show]")) {
    choice.setAttribute("aria-pressed", String(choice.dataset.show === name));
  }
}

for (const choice of document.querySelectorAll("[data-show]")) {
  choice.addEventListener("click", () => showPane(choice.dataset.show));
}
if (location.hash === "#desk") showPane("desk");
new Shop();
new Desk();
