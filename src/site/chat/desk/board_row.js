// One line of a board: who or what it is about, what is the matter, and what can be done.

import { element } from "../dom.js";

/** `about` are lines below the title, the empty ones left out; `acts` are buttons. */
export function boardRow(key, title, about, acts) {
  const node = element("li", "row board-row");
  node.dataset.key = key;
  const words = element("div", "row-words");
  words.append(element("b", "", title), ...about.filter(Boolean).map((line) => element("span", "about", line)));
  const row = element("div", "row-acts");
  for (const act of acts) {
    act.setAttribute("aria-label", `${act.textContent}: ${title}`);
    row.append(act);
  }
  node.append(words, row);
  return node;
}

/**
 * Shows rows without touching those that are the same as before, so that the keyboard stays where it is.
 * `entries` have `key`, `drawn` (what the row says) and `make`.
 */
export function showRows(list, entries) {
  const before = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const nodes = entries.map(({ key, drawn, make }) => {
    const known = before.get(key);
    if (known?.dataset.drawn === drawn) return known;
    const node = make();
    node.dataset.drawn = drawn;
    return node;
  });
  const isSame = nodes.length === list.children.length && nodes.every((node, at) => node === list.children[at]);
  if (!isSame) list.replaceChildren(...nodes);
}
