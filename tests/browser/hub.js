// Starts and ends a hub for the tests: the binary named by SWITCHBOARD_BIN, a free port, a folder of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Time anything may take before a test gives up on it, milliseconds. */
export const PATIENCE = 20_000;
/** Time a hub may take to come up with the sample shop, milliseconds. */
const START = 120_000;
/** The admin's password in every test. */
export const PASSWORD = "a lantern in the fog";

/** Tries until `look` gives something; fails after `patience`, saying what was waited for. */
export async function until(what, look, patience = PATIENCE) {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((again) => setTimeout(again, 20));
  }
}

/** A port of the loopback address that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** One hub; it keeps its port and its folder over `kill` and `start`. */
export class Hub {
  /** `settings` are further variables of its environment. */
  static async begin(settings = {}) {
    const binary = process.env.SWITCHBOARD_BIN;
    if (!binary) throw new Error("SWITCHBOARD_BIN must name the binary to test");
    const hub = new Hub();
    hub.binary = resolve(binary);
    hub.settings = settings;
    hub.port = await freePort();
    hub.folder = await mkdtemp(join(tmpdir(), "switchboard-hub-"));
    hub.log = "";
    await hub.start();
    return hub;
  }

  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  async start() {
    const env = {
      ...process.env,
      SWITCHBOARD_SERVER__LISTEN: JSON.stringify([`127.0.0.1:${this.port}`]),
      SWITCHBOARD_STORE__PATH: join(this.folder, "data"),
      SWITCHBOARD_ADMIN_PASSWORD: PASSWORD,
      ...this.settings,
    };
    delete env.SWITCHBOARD_BIN;
    delete env.SWITCHBOARD_TESTS_COMPLETE;
    this.child = spawn(this.binary, ["serve", "--demo"], { cwd: this.folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const { child } = this;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (this.log += text));
    this.ended = once(child, "exit");
    await until("the hub's page", async () => {
      if (child.exitCode !== null) throw new Error(`the hub ended with ${child.exitCode}:\n${this.log}`);
      return fetch(this.origin).then((answer) => answer.ok, () => false);
    }, START);
  }

  /** Ends it as a power cut would. */
  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  async remove() {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  async login(username = "admin", password = PASSWORD) {
    const answer = await fetch(`${this.origin}/api/auth/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username, password }),
    });
    if (!answer.ok) throw new Error(`login answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()).access_token;
  }
}
