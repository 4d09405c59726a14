// WhatsApp at the agent's desk: what customers send besides words, and how far answers have got.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join as at } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, sees, shotsFolder, write } from "./browser.js";
import { DESK, join, openDesk, place, said, session, wave } from "./desk.js";
import { Graph, graphSettings } from "./graph.js";
import { Hub, until } from "./hub.js";
import { PICTURE } from "./letters.js";

const KERRY = "4915112345678";

describe("WhatsApp at the desk", () => {
  let hub, graph, browser, shots, desk;
  before(async () => {
    graph = await Graph.begin();
    [hub, browser, shots] = await Promise.all([Hub.begin(graphSettings(graph)), launch(), shotsFolder()]);
    desk = await openDesk(browser, hub);
    await graph.comes(hub, KERRY, "Kerry", "text", { body: "I want to talk to a person" });
    await join(desk, await session(hub, await hub.login(), "Kerry"));
  });
  after(async () => {
    await browser?.close();
    await hub?.remove();
    await graph?.remove();
  });

  const picture = (name) => desk.screenshot({ path: at(shots, `${name}.png`) });

  test("tells the channel and the number", async () => {
    await desk.getByText(`WhatsApp · +${KERRY}`).waitFor();
  });

  test("shows a photo, plays a voice message, keeps a document", async () => {
    await graph.comes(hub, KERRY, "Kerry", "image", { id: graph.keep("image/png", PICTURE), mime_type: "image/png", caption: "It broke here" });
    await sees(desk, DESK, "It broke here");
    await until("the photo", () => said(desk, "It broke here").locator("img").evaluate(({ naturalWidth }) => naturalWidth === 160));
    await graph.comes(hub, KERRY, "Kerry", "audio", { id: graph.keep("audio/wav", wave()), mime_type: "audio/wav", voice: true });
    await until("the recording", () => desk.locator(`${DESK} audio`).evaluate(({ duration }) => duration > 0.9));
    const bill = "%PDF-1.4 a bill";
    await graph.comes(hub, KERRY, "Kerry", "document", { id: graph.keep("application/pdf", bill), mime_type: "application/pdf", filename: "bill.pdf" });
    const saved = desk.waitForEvent("download");
    await desk.getByRole("button", { name: "Download bill.pdf" }).click();
    const file = await saved;
    assert.equal(file.suggestedFilename(), "bill.pdf");
    assert.equal(await readFile(await file.path(), "utf8"), bill);
    await picture("60-whatsapp-files");
  });

  test("says why a file is not there", async () => {
    await graph.comes(hub, KERRY, "Kerry", "image", { id: "999999", mime_type: "image/png" });
    await desk.locator(`${DESK} .explained`).filter({ hasText: "could not be fetched" }).waitFor();
    await picture("61-whatsapp-no-file");
  });

  test("tells when an answer was sent, delivered and read, and why one was not", async () => {
    await write(desk, DESK, "We send you a new one.");
    await said(desk, "We send you a new one.").filter({ hasText: "· sent" }).waitFor();
    await graph.report(hub, "We send you a new one.", "delivered");
    await said(desk, "We send you a new one.").filter({ hasText: "· delivered" }).waitFor();
    await graph.report(hub, "We send you a new one.", "read");
    await said(desk, "We send you a new one.").filter({ hasText: "· read" }).waitFor();
    await write(desk, DESK, "Tomorrow.");
    await said(desk, "Tomorrow.").filter({ hasText: "· sent" }).waitFor();
    await graph.report(hub, "Tomorrow.", "failed", [{ code: 131_026, title: "Message undeliverable" }]);
    await said(desk, "Tomorrow.").getByText("Message undeliverable").waitFor();
    await picture("62-whatsapp-states");
    await said(desk, "Tomorrow.").getByRole("button", { name: "Send again" }).click();
    await said(desk, "Tomorrow.").filter({ hasText: "· sent" }).waitFor();
    assert.equal(graph.sent.filter(({ text }) => text?.body === "Tomorrow.").length, 2);
  });

  test("sends a photo with its words and a document without any, and lists what is chosen", async () => {
    const choose = (name, mimeType, buffer) => desk.locator(`${DESK} input[type="file"]`).setInputFiles({ name, mimeType, buffer });
    await choose("old.png", "image/png", PICTURE);
    await choose("parcel.png", "image/png", PICTURE);
    const chosen = desk.getByRole("region", { name: "Files to send" });
    await chosen.getByText("parcel.png").waitFor();
    assert.equal(await chosen.getByRole("listitem").count(), 1, "one file goes with a message here");
    await picture("64-whatsapp-chosen");
    await write(desk, DESK, "Packed today.");
    await said(desk, "Packed today.").filter({ hasText: "· sent" }).waitFor();
    await chosen.waitFor({ state: "hidden" });
    await until("the photo", () => said(desk, "Packed today.").locator("img").evaluate(({ naturalWidth }) => naturalWidth === 160));
    const { image } = graph.sent.at(-1);
    assert.equal(image.caption, "Packed today.");
    assert.deepEqual(graph.files.get(image.id).content, Buffer.from(PICTURE));
    await choose("terms.txt", "text/plain", Buffer.from("Thirty days."));
    await desk.locator(`${DESK} .composer`).getByRole("button", { name: "Send message" }).click();
    const bare = desk.locator(`${DESK} .sent .message`).filter({ hasText: "terms.txt" });
    await bare.filter({ hasText: "· sent" }).waitFor();
    assert.equal(await bare.locator(".text").isVisible(), false);
    assert.equal(graph.sent.at(-1).document.filename, "terms.txt");
    await picture("65-whatsapp-sent-files");
  });

  test("keeps the words and the files of an answer that is refused, and of one that is not finished", async () => {
    const chosen = desk.getByRole("region", { name: "Files to send" });
    const input = desk.locator(`${DESK} input[type="file"]`);
    const before = graph.sent.length;
    await input.setInputFiles({ name: "none.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) });
    await chosen.getByText("An empty file cannot be sent.").waitFor();
    await input.setInputFiles({ name: "terms.txt", mimeType: "text/plain", buffer: Buffer.from("Thirty days.") });
    const words = "Long. ".repeat(200).trim();
    await write(desk, DESK, words);
    await chosen.getByText("Not sent: ").waitFor();
    await picture("66-whatsapp-refused");
    assert.match(desk.problems.splice(0).join(), /^[^,]* status of 400 [^,]*$/, "the refusal, as the browser tells it");
    assert.equal(await desk.locator(`${DESK} textarea`).inputValue(), words);
    await desk.locator(`${DESK} textarea`).fill("Short.");
    await place(desk, "Sending").click();
    await join(desk, await session(hub, await hub.login(), "Kerry"));
    await chosen.getByText("terms.txt").waitFor();
    await chosen.getByRole("button", { name: "Remove terms.txt" }).click();
    await chosen.waitFor({ state: "hidden" });
    await desk.locator(`${DESK} textarea`).press("Enter");
    await said(desk, "Short.").filter({ hasText: "· sent" }).waitFor();
    assert.equal(graph.sent.length, before + 1);
  });

  test("says of what nobody has confirmed that it is uncertain, and sends it no second time", async () => {
    graph.isCut = true;
    await write(desk, DESK, "By nine.");
    await until("the message", () => graph.sent.some(({ text }) => text?.body === "By nine."));
    await place(desk, "Sending").click();
    const row = desk.locator("#waiting .row").filter({ hasText: "Kerry" });
    await row.getByText("Uncertain: its provider’s report is waited for").waitFor();
    await picture("63-whatsapp-uncertain");
    await row.getByRole("button", { name: "Open: Kerry" }).click();
    await said(desk, "By nine.").filter({ hasText: "uncertain whether it arrived" }).waitFor();
    assert.equal(await said(desk, "By nine.").getByRole("button").count(), 0);
    await graph.report(hub, "By nine.", "delivered");
    await said(desk, "By nine.").filter({ hasText: "· delivered" }).waitFor();
    assert.equal(graph.sent.filter(({ text }) => text?.body === "By nine.").length, 1);
  });

  test("has nothing to complain about", () => {
    assert.deepEqual(desk.problems, []);
  });
});
