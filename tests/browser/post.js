// A mailbox and a mail server for the tests: Debian's Dovecot, which mails come into by LMTP, and a small SMTP server
// that answers each recipient as it is told to.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, until } from "./hub.js";

/** Where customers write to. */
export const ADDRESS = "support@shop.example";
const PASSWORD = "mailbox-secret";
/** Who runs Dovecot in place of root: Debian's `nobody` and `nogroup`. */
const NOBODY = 65_534;

/** What makes a hub read and send by these servers. */
export function mailSettings(dovecot, smtp) {
  return {
    SWITCHBOARD_EMAIL__ENABLED: "true",
    SWITCHBOARD_EMAIL__ADDRESS: ADDRESS,
    SWITCHBOARD_EMAIL__IMAP_HOST: "127.0.0.1",
    SWITCHBOARD_EMAIL__IMAP_PORT: String(dovecot.imap),
    SWITCHBOARD_EMAIL__IMAP_PASSWORD: PASSWORD,
    SWITCHBOARD_EMAIL__IMAP_TLS: "none",
    SWITCHBOARD_EMAIL__SMTP_HOST: "127.0.0.1",
    SWITCHBOARD_EMAIL__SMTP_PORT: String(smtp.port),
    SWITCHBOARD_EMAIL__SMTP_TLS: "none",
    SWITCHBOARD_EMAIL__POLL_SECONDS: "5",
  };
}

/** A real IMAP server on the loopback address, with its mail in a temporary folder. */
export class Dovecot {
  static async begin() {
    const server = new Dovecot();
    server.folder = await mkdtemp(join(tmpdir(), "switchboard-dovecot-"));
    [server.imap, server.lmtp] = [await freePort(), await freePort()];
    const isRoot = process.getuid() === 0;
    const name = (option) => execFileSync("id", [option]).toString().trim();
    const [user, group] = isRoot ? ["nobody", "nogroup"] : [name("-un"), name("-gn")];
    const config = join(server.folder, "dovecot.conf");
    await writeFile(config, configuration(server, user, group));
    const folders = ["base", "state", "mail"].map((folder) => join(server.folder, folder));
    await Promise.all(folders.map((folder) => mkdir(folder)));
    if (isRoot) await Promise.all([server.folder, config, ...folders].map((path) => chown(path, NOBODY, NOBODY)));
    const who = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
    server.child = spawn("/usr/sbin/dovecot", ["-F", "-c", config], { cwd: "/", stdio: "ignore", ...who });
    server.ended = once(server.child, "exit");
    await until("Dovecot", async () => {
      if (server.child.exitCode !== null) throw new Error(await readFile(join(server.folder, "log"), "utf8"));
      return (await isUp(server.imap)) && isUp(server.lmtp);
    });
    return server;
  }

  /** Brings a mail in, as a mail server would (LMTP, RFC 2033). */
  async deliver(raw) {
    const socket = connect(this.lmtp, "127.0.0.1");
    let heard = "";
    socket.on("data", (text) => (heard += text));
    const ask = async (command, want) => {
      heard = "";
      if (command) socket.write(`${command}\r\n`);
      await until(`an answer to ${command}`, () => /^\d{3} .*\r\n$/m.test(heard));
      if (!heard.startsWith(want)) throw new Error(`${command}: ${heard}`);
    };
    await ask("", "2");
    await ask("LHLO tests.example", "2");
    await ask("MAIL FROM:<sender@mail.example>", "2");
    await ask(`RCPT TO:<${ADDRESS}>`, "2");
    await ask("DATA", "3");
    const lines = raw.replace(/\r?\n/g, "\r\n").replace(/\r\n$/, "").replace(/^\./gm, "..");
    await ask(`${lines}\r\n.`, "2");
    socket.end("QUIT\r\n");
  }

  async remove() {
    this.child.kill("SIGTERM");
    await this.ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function isUp(port) {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "data");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function configuration({ folder, imap, lmtp }, user, group) {
  return `base_dir = ${folder}/base
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Ln
default_internal_user = ${user}
default_internal_group = ${group}
default_login_user = ${user}
first_valid_uid = 1
mail_fsync = never
mail_location = maildir:~/Maildir
recipient_delimiter = +
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=${user} gid=${group} home=${folder}/mail/%n allow_all_users=yes
}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  user = ${user}
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${lmtp}
  }
}
`;
}

/** An SMTP server that keeps what it takes; commands out of their order are refused. */
export class Smtp {
  /** Answers to `RCPT` or to the end of a mail, by the step's name; `close` ends the connection instead. */
  faults = {};
  mails = [];

  static async begin() {
    const smtp = new Smtp();
    smtp.sockets = new Set();
    smtp.server = createServer((socket) => smtp.serve(socket)).listen(0, "127.0.0.1");
    await once(smtp.server, "listening");
    smtp.port = smtp.server.address().port;
    return smtp;
  }

  serve(socket) {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => {});
    const talk = { step: "greeted", data: null };
    let rest = "";
    socket.write("220 tests.example\r\n");
    socket.on("data", (bytes) => {
      rest += bytes.toString("latin1");
      for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        const answer = talk.data ? this.take(talk, line) : this.answer(talk, line);
        if (answer === "close") socket.destroy();
        else if (answer) socket.write(`${answer}\r\n`);
      }
    });
  }

  answer(talk, line) {
    const command = line.slice(0, 4).toUpperCase();
    const goes = (from, to) => {
      if (!from.includes(talk.step)) return "503 5.5.1 not now";
      talk.step = to;
      return "250 2.0.0 OK";
    };
    const steps = {
      EHLO: () => ((talk.step = "ready"), "250-tests.example\r\n250 8BITMIME"),
      RSET: () => goes(["ready", "from", "to"], "ready"),
      NOOP: () => "250 2.0.0 OK",
      MAIL: () => goes(["ready"], "from"),
      RCPT: () => this.faults.rcpt ?? goes(["from", "to"], "to"),
      DATA: () => (talk.step === "to" ? ((talk.data = []), "354 go on") : "503 5.5.1 not now"),
      QUIT: () => "221 2.0.0 bye",
    };
    return steps[command]?.() ?? "500 5.5.2 unknown";
  }

  take(talk, line) {
    if (line !== ".") {
      talk.data.push(line.replace(/^\.\./, "."));
      return null;
    }
    const mail = talk.data.join("\r\n");
    Object.assign(talk, { data: null, step: "ready" });
    if (this.faults.end) return this.faults.end;
    this.mails.push(mail);
    return "250 2.0.0 kept";
  }

  async remove() {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }
}
