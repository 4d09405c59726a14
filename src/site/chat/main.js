// The page: two panes, the visitor's and the agent's desk, both over `/ws`; narrow screens show one at a time.
//
// A Connection keeps one socket open and comes back by itself; a Conversation shows one exchange, each message once
// and by its sequence. Whatever comes from the hub is shown as text, never as markup.

import { Desk } from "./desk.js";
import { Visitor } from "./visitor.js";

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
new Visitor();
new Desk();
