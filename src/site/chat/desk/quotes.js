// What a mail quotes of the mails before it: found in its document, so that it can be folded away.
//
// Only what stands at the end is folded, with nothing behind it but a signature, which stays: quotes between somebody's
// own words belong to them. In doubt something is the writer's own. Linear: each node is passed a bounded number of
// times, and of its words only the beginning is looked at.

/** What mail programs without quotation marks put above the mail they answer, behind a line. */
const HEADING = /^\s*(From|Von|De|Da|Van|Från|Fra|Od)\s*:/u;
/** What the line above a quote has in it, and a sentence seldom: a day or a time, an address, or the verb. */
const ATTRIBUTION = /\d|@|wr(ote|ites)|schrieb|écrit|escribi|scritto|escreveu|schreef|skrev|napisał|napsal|kirjoitti|писа|пише|yazdı|写道|寫道/iu;
/** Longest line that announces a quote, and most nodes that are looked at for one. */
const ANNOUNCED = 240;
const NODES = 100;
/** Most characters of a node that are looked at for its beginning (RFC 5322, 2.1.1). */
const LINE = 998;
/** What stands within a line. */
const INLINE = new Set(["A", "B", "BIG", "EM", "FONT", "I", "SMALL", "SPAN", "STRONG", "TT", "U"]);
/** What ends one, within such an element. */
const BREAKS = "br, div, p, blockquote, table, ul, ol, pre, hr, img";

const isQuote = (node) => node.nodeName === "BLOCKQUOTE";
const isWords = (node) => node.nodeType === Node.TEXT_NODE && Boolean(node.data.trim());
const plain = (text) => text.trim().replace(/\s+/g, " ");

/** The node behind this one in the document; `enters` what is in it first. */
function next(node, root, enters) {
  if (enters && node.firstChild) return node.firstChild;
  for (let at = node; at !== root; at = at.parentNode) if (at.nextSibling) return at.nextSibling;
  return null;
}

/** What can be seen of the mail, one after the other: words, images, and quotes as wholes. */
function pieces(root) {
  const found = [];
  for (let at = next(root, root, true); at; at = next(at, root, !isQuote(at))) {
    if (isQuote(at) || at.nodeName === "IMG" || isWords(at)) found.push(at);
  }
  return found;
}

/** The words that follow from this node on, within `root`: at least so many characters, if there are. */
function read(node, root, least) {
  let text = "";
  for (let at = node, count = 0; at && count < NODES && plain(text).length < least; count += 1) {
    // A line of a mail is no longer.
    if (at.nodeType === Node.TEXT_NODE) text += at.data.slice(0, LINE).replace(/\s+/g, " ");
    at = next(at, root, true);
  }
  return text;
}

const begins = (node, root, least) => plain(read(node, root, least));

/** Something that can be hidden in place of this node. */
function hideable(node) {
  if (node.nodeType === Node.ELEMENT_NODE) return node;
  const shell = node.ownerDocument.createElement("span");
  node.replaceWith(shell);
  shell.append(node);
  return shell;
}

/** Whether a line ends behind these words. */
function endsLine(words, root) {
  for (let at = words; at !== root; at = at.parentNode) {
    if (at !== words && !INLINE.has(at.nodeName)) return true;
    let behind = at.nextSibling;
    while (behind?.nodeType === Node.TEXT_NODE && !behind.data.trim()) behind = behind.nextSibling;
    if (behind) return behind.nodeType === Node.ELEMENT_NODE && !INLINE.has(behind.nodeName);
  }
  return true;
}

/** Whether these words, the first of a line, begin a signature: by its mark (RFC 3676, 4.3). */
function beginsSignature(words, root) {
  if (words.nodeType !== Node.TEXT_NODE) return false;
  const [first, ...lines] = words.data.trimStart().split("\n", 2);
  return first.trim() === "--" && (lines.length > 0 || endsLine(words, root));
}

/** Whether this node stands within a line and is no more than that. */
function isInline(node) {
  return node.nodeType === Node.TEXT_NODE || (INLINE.has(node.nodeName) && !node.querySelector(BREAKS));
}

/** This node, or the next one before it that is not blank. */
function unblank(node) {
  let at = node;
  for (let count = 0; at && !isQuote(at) && at.nodeName !== "IMG" && !begins(at, at, 1); at = at.previousSibling) {
    if ((count += 1) > NODES) return null;
  }
  return at;
}

/** The nodes of the line that stands before a quote; all of what holds it, where that holds nothing else. */
function lineBefore(quote) {
  let at = unblank(quote.previousSibling);
  for (let depth = 0; at && !isInline(at); at = unblank(at.lastChild)) {
    if (isQuote(at) || (depth += 1) > NODES) return [];
  }
  const found = [];
  for (; at && isInline(at) && found.length < NODES; at = at.previousSibling) found.unshift(at);
  const holder = found[0]?.parentNode;
  return at || !holder || holder === quote.parentNode ? found : [holder];
}

/** "On Monday, Ann wrote:" before a quote: its nodes and its words. */
function announcement(quote) {
  const line = lineBefore(quote);
  const text = plain(line.map((node) => read(node, node, ANNOUNCED + 1)).join(""));
  const isLine = text.endsWith(":") && text.length <= ANNOUNCED && ATTRIBUTION.test(text);
  return isLine ? { line, text } : { line: [] };
}

/** Quotes at the end of the mail, with the lines that announce them. */
function trailing(root, isOwn) {
  const all = pieces(root);
  let at = all.findLastIndex(isQuote);
  if (at < 0 || (all[at + 1] && !beginsSignature(all[at + 1], root))) return [];
  const found = [];
  for (; at >= 0 && isQuote(all[at]); at -= 1) {
    const { line, text } = announcement(all[at]);
    // Without such a line or a mark it may as well be something that was moved in.
    if (line.length ? isOwn(text) : all[at].getAttribute("type") !== "cite") break;
    found.push(all[at], ...line.reverse());
    while (line.some((node) => node.contains(all[at - 1] ?? null))) at -= 1;
  }
  return found.reverse();
}

/** All behind the heading of an answered mail. */
function headed(root, isOwn) {
  const lines = [...root.querySelectorAll("div[style*='border-top'], hr")];
  const line = lines.find((one) => {
    const isRule = one.nodeName === "HR";
    const text = isRule ? begins(next(one, root, false), root, 60) : begins(one, one, 60);
    return HEADING.test(text) && !isOwn(text);
  });
  if (!line) return [];
  const found = [line];
  for (let at = line; at !== root; at = at.parentNode) {
    for (let behind = at.nextSibling; behind; behind = behind.nextSibling) found.push(behind);
  }
  return found;
}

/** Whether a line is among those that the hub takes for the writer's own words (`said`). */
function ownLines(said) {
  const lines = said.split("\n").map(plain);
  const hasHeading = lines.some((line) => HEADING.test(line));
  const announcing = new Set(lines.filter((line) => line.endsWith(":")));
  return {
    heading: () => hasHeading,
    // In a text it may be broken into several, of which the last counts.
    announcement: (text) => {
      const words = text.split(" ");
      return words.some((_, from) => announcing.has(words.slice(from).join(" ")));
    },
  };
}

/** Whether anything but these nodes has words. */
function hasOwn(root, found) {
  const quoted = new Set(found);
  for (let at = next(root, root, true); at; at = next(at, root, !quoted.has(at))) {
    if (!quoted.has(at) && isWords(at)) return true;
  }
  return false;
}

/** The nodes of what is quoted, beside `said`, what the writer has said by the hub's reading; none where the mail says nothing else. */
export function quotes(root, said) {
  const isOwn = ownLines(said);
  const found = [trailing(root, isOwn.announcement), headed(root, isOwn.heading)].find((nodes) => nodes.length) ?? [];
  return hasOwn(root, found) ? found.map(hideable) : [];
}
