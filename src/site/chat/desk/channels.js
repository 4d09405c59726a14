// The board of how each channel is, and what else the hub depends on.

import { $, element } from "../dom.js";
import { capitalized, channelName, spaced } from "../words.js";

const CHANNELS = ["email", "whatsapp", "sms"];
const WORDS = { healthy: "Works", degraded: "Works in part", unhealthy: "Does not work", disabled: "Not set up" };
const NAMES = { ai: "Assistant", memory_engine: "Memory", websocket: "Live connections", bus: "Events", store: "Store" };

function row(name, condition, note) {
  const node = element("li", "row health-row");
  node.dataset.condition = condition;
  const words = element("div", "row-words");
  words.append(element("b", "", name));
  if (note) words.append(element("span", "about", note));
  const state = element("span", "health");
  const dot = element("span", "dot");
  dot.setAttribute("aria-hidden", "true");
  state.append(dot, WORDS[condition] ?? spaced(condition));
  node.append(words, state);
  return node;
}

export class ChannelsBoard {
  /** `owner` has `ask`, `token` and `count`. */
  constructor(owner) {
    this.owner = owner;
  }

  clear() {
    $("channel-health").replaceChildren();
    $("other-health").replaceChildren();
    this.owner.count("channels", 0);
  }

  async refresh() {
    const token = this.owner.token();
    const { status, body } = await this.owner.ask("/api/channels/health");
    if (token !== this.owner.token()) return;
    $("channels-problem").hidden = status === 200;
    if (status === 200) this.show(body.dependencies, body.waiting ?? {});
  }

  show(dependencies, waiting) {
    const broken = CHANNELS.filter((name) => ["degraded", "unhealthy"].includes(dependencies[name]));
    this.owner.count("channels", broken.length, `${broken.length} in trouble`);
    const note = (name) => waiting[name] && `${waiting[name]} wait for it to be set up again`;
    const channels = CHANNELS.filter((name) => name in dependencies);
    const others = Object.keys(dependencies).filter((name) => !CHANNELS.includes(name)).sort();
    const drawn = JSON.stringify([dependencies, waiting]);
    if (drawn === this.drawn && $("channel-health").children.length) return;
    this.drawn = drawn;
    $("channel-health").replaceChildren(...channels.map((name) => row(channelName(name), dependencies[name], note(name))));
    $("other-health").replaceChildren(...others.map((name) => row(NAMES[name] ?? capitalized(spaced(name)), dependencies[name])));
  }
}
