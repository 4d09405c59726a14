// What a mail quotes of the mails before it: found in its document, so that it can be folded away.
//
// Only what stands at the end is folded: quotes between somebody's own words belong to them.

/** What mail programs without quotation marks put above the mail they answer, behind a line. */
const HEADING = /^\s*(From|Von|De|Da|Van|Från|Fra|Od)\s*:/u;
/** Longest line that announces a quote. */
const ANNOUNCED = 240;

function follow(node, root) {
  const behind = [];
  for (let at = node; at !== root; at = at.parentNode) {
    for (let next = at.nextSibling; next; next = next.nextSibling) behind.push(next);
  }
  return behind;
}

function isEmpty(node) {
  return !node.textContent.trim() && !node.querySelector?.("img") && node.nodeName !== "IMG";
}

/** Something that can be hidden in place of this node. */
function hideable(node) {
  if (node.nodeType === Node.ELEMENT_NODE) return node;
  const shell = node.ownerDocument.createElement("span");
  node.replaceWith(shell);
  shell.append(node);
  return shell;
}

/** "On Monday, Ann wrote:" before a quote. */
function announcement(quote) {
  let before = quote.previousSibling;
  while (before && isEmpty(before)) before = before.previousSibling;
  const text = before?.textContent.trim() ?? "";
  return text.endsWith(":") && text.length <= ANNOUNCED ? [before] : [];
}

/** A quote at the end of the mail, with the line that announces it. */
function trailing(root) {
  const all = [...root.querySelectorAll("blockquote")].filter((quote) => !quote.parentElement.closest("blockquote"));
  const last = all.filter((quote) => follow(quote, root).every((node) => isEmpty(node) || all.includes(node)));
  return last.flatMap((quote) => [...announcement(quote), quote]);
}

/** All behind the heading of an answered mail. */
function headed(root) {
  const lines = [...root.querySelectorAll("div[style*='border-top'], hr")];
  const line = lines.find((one) => HEADING.test(one.nodeName === "HR" ? behind(one) : one.textContent));
  return line ? [line, ...follow(line, root)] : [];
}

function behind(line) {
  let next = line.nextSibling;
  while (next && isEmpty(next)) next = next.nextSibling;
  return next?.textContent ?? "";
}

/** The nodes of what is quoted; none where the mail says nothing else. */
export function quotes(root) {
  const found = [trailing(root), headed(root)].find((nodes) => nodes.length) ?? [];
  const inside = (text) => found.some((node) => node.contains(text));
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let hasOwn = false;
  while (!hasOwn && walker.nextNode()) hasOwn = Boolean(walker.currentNode.data.trim()) && !inside(walker.currentNode);
  return hasOwn ? found.map(hideable) : [];
}
