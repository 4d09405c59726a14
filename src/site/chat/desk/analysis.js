// What the assistant makes of a conversation, for the agent: intent, confidence, mood, and answers to start from.

import { button, element } from "../dom.js";
import { capitalized, spaced } from "../words.js";

export class Analysis {
  constructor(conversation) {
    this.conversation = conversation;
  }

  show({ intent, confidence, sentiment, suggestions = [] }) {
    const part = (selector) => this.conversation.extra.querySelector(selector);
    part(".analysis").hidden = false;
    part(".intent").textContent = capitalized(spaced(intent));
    part(".sureness").textContent = `${Math.round(confidence * 100)} % sure`;
    const mood = typeof sentiment === "object" && sentiment ? sentiment.label : sentiment;
    part(".mood").textContent = spaced(mood);
    part("meter").value = confidence;
    part(".chips").replaceChildren(...suggestions.map((text) => {
      const item = element("li");
      const chip = button("chip", String(text), () => this.conversation.suggest(String(text)));
      chip.title = String(text);
      item.append(chip);
      return item;
    }));
  }
}
