// One line of a board: who or what it is about, what is the matter, and what can be done.

import { element } from "../dom.js";

/** `about` are lines below the title, the empty ones left out; `acts` are buttons. */
export function boardRow(title, about, acts) {
  const node = element("li", "row board-row");
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
 * Shows rows without touching those that are the same as before, so that the keyboard stays where it is; in a row that
 * says something else now it goes to the same button. `entries` have `key`, `drawn` (what the row says) and `make`.
 */
export function showRows(list, entries) {
  const before = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const nodes = entries.map(({ key, drawn, make }) => {
    const known = before.get(key);
    if (known?.dataset.drawn === drawn) return known;
    const node = make();
    node.dataset.key = key;
    node.dataset.drawn = drawn;
    return node;
  });
  const back = keyboard(list);
  const shown = new Set(nodes);
  for (const node of before.values()) if (!shown.has(node)) node.remove();
  let next = list.firstElementChild;
  for (const node of nodes) {
    if (node === next) next = next.nextElementSibling;
    else list.insertBefore(node, next);
  }
  back();
}

/** Where the keyboard is in this list, and what brings it back there if that was drawn anew. */
function keyboard(list) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const row = focused?.closest("[data-key]");
  if (!row) return () => {};
  const at = [...row.querySelectorAll("button")].indexOf(focused);
  return () => {
    if (focused.isConnected) return;
    const again = [...list.children].find(({ dataset }) => dataset.key === row.dataset.key);
    const buttons = again?.querySelectorAll("button") ?? [];
    (buttons[at] ?? buttons[0])?.focus();
  };
}
