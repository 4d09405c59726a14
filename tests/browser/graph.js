// WhatsApp's cloud API for the tests: takes messages in, keeps files, and tells the hub by signed webhooks, as Meta
// documents it. Calls without the token are refused.

import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const NUMBER = "106540352242922";
const TOKEN = "EAAtests";
const SECRET = "tests-app-secret";

/** What makes a hub use this service. */
export function graphSettings(graph) {
  return {
    SWITCHBOARD_WHATSAPP__ENABLED: "true",
    // Files lie on the loopback address here.
    SWITCHBOARD_EGRESS__ALLOW_PRIVATE: "true",
    SWITCHBOARD_WHATSAPP__GRAPH_BASE_URL: graph.origin,
    SWITCHBOARD_WHATSAPP__GRAPH_VERSION: "v23.0",
    SWITCHBOARD_WHATSAPP__PHONE_NUMBER_ID: NUMBER,
    SWITCHBOARD_WHATSAPP__ACCESS_TOKEN: TOKEN,
    SWITCHBOARD_WHATSAPP__APP_SECRET: SECRET,
    SWITCHBOARD_WHATSAPP__VERIFY_TOKEN: "tests-verify-token",
  };
}

export class Graph {
  /** Messages that were taken in, with the id each got. */
  sent = [];
  files = new Map();
  /** Takes the next messages in and cuts the line before it says so. */
  isCut = false;

  static async begin() {
    const graph = new Graph();
    graph.server = createServer((request, answer) => graph.serve(request, answer)).listen(0, "127.0.0.1");
    await once(graph.server, "listening");
    graph.origin = `http://127.0.0.1:${graph.server.address().port}`;
    return graph;
  }

  async serve(request, answer) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const tell = (status, body) => answer.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return tell(401, { error: { code: 190, message: "Invalid token" } });
    const { pathname, searchParams } = new URL(request.url, this.origin);
    if (pathname === "/attachments/") {
      const file = this.files.get(searchParams.get("mid"));
      return answer.writeHead(200, { "Content-Type": file.type }).end(file.content);
    }
    if (pathname === `/v23.0/${NUMBER}/messages`) return this.take(JSON.parse(Buffer.concat(chunks)), answer, tell);
    if (pathname === `/v23.0/${NUMBER}/media`) return tell(200, { id: await this.upload(request, Buffer.concat(chunks)) });
    if (pathname === `/v23.0/${NUMBER}`) return tell(200, { id: NUMBER, display_phone_number: "15550783881" });
    const id = pathname.split("/").at(-1);
    const file = this.files.get(id);
    if (!file) return tell(400, { error: { code: 100, message: "Unknown object" } });
    const sha256 = createHash("sha256").update(file.content).digest("hex");
    const url = `${this.origin}/attachments/?mid=${id}`;
    return tell(200, { messaging_product: "whatsapp", url, mime_type: file.type, sha256, file_size: file.content.length, id });
  }

  take(message, answer, tell) {
    if (message.status) return tell(200, { success: true });
    const id = `wamid.out${this.sent.length + 1}`;
    this.sent.push({ ...message, id });
    if (this.isCut) return answer.destroy();
    return tell(200, { messaging_product: "whatsapp", contacts: [{ input: message.to, wa_id: message.to }], messages: [{ id }] });
  }

  async upload(request, body) {
    const form = await new Response(body, { headers: { "Content-Type": request.headers["content-type"] } }).formData();
    const file = form.get("file");
    if (form.get("messaging_product") !== "whatsapp" || !file?.size) throw new Error("an upload that is none");
    return this.keep(file.type, Buffer.from(await file.arrayBuffer()));
  }

  keep(type, content) {
    const id = `${1_000 + this.files.size}`;
    this.files.set(id, { type, content: Buffer.from(content) });
    return id;
  }

  /** A customer writes: `message` is what stands under its type. */
  comes(hub, from, name, type, object) {
    this.count = (this.count ?? 0) + 1;
    const message = { from, id: `wamid.in${this.count}`, timestamp: now(), type, [type]: object };
    return this.tell(hub, { contacts: [{ profile: { name }, wa_id: from }], messages: [message] });
  }

  /** What has become of the message with these words. */
  report(hub, text, status, errors) {
    const { id, to, biz_opaque_callback_data: reference } = this.sent.findLast((message) => message.text?.body === text);
    const told = { id, status, timestamp: now(), recipient_id: to.replace(/^\+/, ""), biz_opaque_callback_data: reference };
    return this.tell(hub, { statuses: [{ ...told, ...(errors && { errors }) }] });
  }

  async tell(hub, told) {
    const value = { messaging_product: "whatsapp", metadata: { display_phone_number: "15550783881", phone_number_id: NUMBER }, ...told };
    const body = JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: "1022", changes: [{ value, field: "messages" }] }] });
    const signature = createHmac("sha256", SECRET).update(body).digest("hex");
    const headers = { "Content-Type": "application/json", "X-Hub-Signature-256": `sha256=${signature}` };
    const answer = await fetch(`${hub.origin}/api/channels/whatsapp/webhook`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`the webhook was answered with ${answer.status}: ${await answer.text()}`);
  }

  async remove() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

function now() {
  return String(Math.floor(Date.now() / 1_000));
}
