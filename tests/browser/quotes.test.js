// What the desk folds of a mail: what it quotes at its end, and never a word that is new.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, visit } from "./browser.js";
import { Hub } from "./hub.js";

const LINE = "<div>On Monday, 3 June, Shop wrote:</div>";
const QUOTE = `${LINE}<blockquote type="cite"><p>OLD</p></blockquote>`;

/** A mail's HTML, what the hub takes for its writer's own words, and what is hidden of it. */
const FOLDED = {
  "a quote at the end": [`<p>New.</p>${QUOTE}`, "New.", ["On Monday, 3 June, Shop wrote:", "OLD"]],
  "a quote before a signature": [`<p>New.</p>${QUOTE}<div>-- <br>Ann Archer<br>Fernweg 5</div>`, "New.", ["On Monday, 3 June, Shop wrote:", "OLD"]],
  "a quote before a signature of one line": [`<p>New.</p>${QUOTE}<br><pre>-- \nAnn Archer</pre>`, "New.", ["On Monday, 3 June, Shop wrote:", "OLD"]],
  "a quote before a signature whose mark stands apart": [
    `<div>New.</div><div>${QUOTE}</div><span>-- </span><br><div>Ann Archer</div>`, "New.", ["On Monday, 3 June, Shop wrote:", "OLD"],
  ],
  "two quotes, each with its line": [
    `<p>New.</p>${QUOTE}<p>Am 2.6. schrieb Bob:</p><blockquote>OLDER</blockquote>--\u00a0<br>Ann`, "New.",
    ["On Monday, 3 June, Shop wrote:", "OLD", "Am 2.6. schrieb Bob:", "OLDER"],
  ],
  "no own words that stand in one element with the line": [
    `<p>New.</p><div>New, too.<br>On Monday, 3 June, Shop wrote:<br></div><blockquote>OLD</blockquote>`, "New.\n\nNew, too.",
    ["On Monday, 3 June, Shop wrote:", "OLD"],
  ],
  "no own words that stand before the line": [
    `New.<br>On Monday, 3 June, Shop &lt;<a href="mailto:a@b.example">a@b.example</a>&gt; wrote:<br><blockquote>OLD</blockquote>`, "New.",
    ["On Monday, 3 June, Shop <", "a@b.example", "> wrote:", "OLD"],
  ],
  "a marked quote without a line": [`New.<blockquote type="cite">OLD</blockquote>`, "New.", ["OLD"]],
  "an answered mail behind a line": [
    `<p>New.</p><div style="border-top: 1px solid"><p><b>From:</b> Shop<br><b>Sent:</b> Monday</p></div><p>OLD</p>`, "New.",
    ["From:", "Shop", "Sent:", "Monday", "OLD"],
  ],
};
const WHOLE = {
  "own words below a quote": [`<p>New.</p>${QUOTE}<p>New, too.</p>`, "New.\n\nNew, too."],
  "own words below a quote, and a signature": [`<p>New.</p>${QUOTE}<p>New, too.</p><div>-- <br>Ann</div>`, "New.\n\nNew, too."],
  "an image below a quote": [`<p>New.</p>${QUOTE}<img alt="New">`, "New."],
  "dashes that begin a sentence": [`<p>New.</p>${QUOTE}<p>-- and that is new</p>`, "New."],
  "dashes in a line of their own words": [`<p>New.</p>${QUOTE}<p><b>--</b> new</p>`, "New."],
  "words that are only moved in": [`<p>Please send it to me at 5 pm:</p><blockquote>New Street 5</blockquote>`, "Please send it to me at 5 pm:\n\nNew Street 5"],
  "words moved in behind a line the text breaks": [
    `<p>As I wrote on Monday, please send all of it to the following address:</p><blockquote>New Street 5</blockquote>`,
    "As I wrote on Monday, please send all of it\nto the following address:\n\nNew Street 5",
  ],
  "words moved in behind a line with a link": [
    `<p>See page <a href="https://x.example/7">7</a> of mine:</p><blockquote>New Street 5</blockquote>`, "See page 7 of mine:\n\nNew Street 5",
  ],
  "words moved in without a line": [`<p>My address</p><blockquote>New Street 5</blockquote>`, "My address\n\nNew Street 5"],
  "a line that only looks like a heading": [`<p>New.</p><hr><p>From: Tuesday on I am away.</p><p>New, too.</p>`, "New.\n\nFrom: Tuesday on I am away.\n\nNew, too."],
  "a mail that is nothing but a quote": [QUOTE, "On Monday, 3 June, Shop wrote:\n> OLD"],
};

describe("a mail's quotes", () => {
  let hub, browser, page;
  before(async () => {
    [hub, browser] = await Promise.all([Hub.begin(), launch()]);
    page = await visit(browser, hub.origin);
  });
  after(async () => {
    await browser?.close();
    await hub?.remove();
  });

  /** The words that are folded away, and how long that took to find, milliseconds. */
  const folded = (html, said) => page.evaluate(async ([text, own]) => {
    const { quotes } = await import("/chat/desk/quotes.js");
    const { body } = new DOMParser().parseFromString(text, "text/html");
    const begun = performance.now();
    const nodes = quotes(body, own);
    const took = performance.now() - begun;
    const words = (node) => (node.nodeType === Node.TEXT_NODE ? [node.data.trim()] : [...node.childNodes].flatMap(words));
    return { words: nodes.flatMap(words).filter(Boolean), took };
  }, [html, said]);

  for (const [what, [html, said, hidden]] of Object.entries(FOLDED)) {
    test(`folds ${what}`, async () => assert.deepEqual((await folded(html, said)).words, hidden));
  }

  for (const [what, [html, said]] of Object.entries(WHOLE)) {
    test(`leaves ${what}`, async () => assert.deepEqual((await folded(html, said)).words, []));
  }

  test("costs a long mail its length", async () => {
    const mails = {
      quotes: (count) => `New.${"<blockquote>OLD</blockquote>".repeat(count)}`,
      announced: (count) => `New.${QUOTE.repeat(count)}`,
      rules: (count) => `New.${"<hr> ".repeat(count)}end`,
      nested: (count) => `New.${"<div style='border-top: 0'>".repeat(Math.min(count, 400))}${"<p>New.</p>".repeat(count)}`,
      behind: (count) => `New.<hr><p>From: Shop</p>${"<p>OLD</p>".repeat(count)}`,
    };
    for (const [name, mail] of Object.entries(mails)) {
      await folded(mail(3_000), "New.");
      // A busy machine may hold up one look, and not each of them; more than its length shows in all.
      const looks = [];
      do {
        const [short, long] = [await folded(mail(3_000), "New."), await folded(mail(30_000), "New.")];
        looks.push({ short: short.took, long: long.took, fits: long.took < 30 * short.took + 60 });
      } while (!looks.at(-1).fits && looks.length < 5);
      assert.ok(looks.at(-1).fits, `${name}: ${JSON.stringify(looks)} ms, the long one ten times the other`);
    }
  });
});
