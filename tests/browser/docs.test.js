// The pages of the API description: they render without asking any other host for anything.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, shotsFolder, visit } from "./browser.js";
import { Hub } from "./hub.js";

describe("the API description", () => {
  let hub, browser, shots;
  before(async () => {
    [hub, browser, shots] = await Promise.all([Hub.begin(), launch(), shotsFolder()]);
  });
  after(async () => {
    await browser?.close();
    await hub?.remove();
  });

  /** Opens a page, and keeps where it sent its requests. */
  async function open(path) {
    const page = await visit(browser, "about:blank");
    page.asked = [];
    page.on("request", (request) => page.asked.push(request.url()));
    await page.goto(hub.origin + path);
    return page;
  }

  function isAtHome(page) {
    const elsewhere = page.asked.filter((address) => !/^(data|blob):/.test(address) && !address.startsWith(hub.origin));
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(page.problems, []);
  }

  test("Swagger UI shows every family and lets a route be tried", async () => {
    const page = await open("/docs");
    for (const family of ["care", "platform", "rooms", "omnichannel"]) await page.locator(`#operations-tag-${family}`).waitFor();
    await page.locator("#operations-tag-health").click();
    await page.locator("#operations-health-getHealth .opblock-summary").click();
    await page.getByRole("button", { name: "Try it out" }).click();
    await page.getByRole("button", { name: "Execute" }).click();
    await page.locator(".live-responses-table .response-col_status").filter({ hasText: "200" }).waitFor();
    await page.screenshot({ path: join(shots, "docs.png") });
    isAtHome(page);
  });

  test("ReDoc shows the families, their routes and examples, and finds words", async () => {
    const page = await open("/redoc");
    await page.getByRole("heading", { name: "Add a FAQ" }).waitFor();
    await page.locator("[role=search] input").fill("session");
    await page.locator("[data-role='search:results'] li").first().waitFor();
    await page.screenshot({ path: join(shots, "redoc.png") });
    isAtHome(page);
  });
});
