// The form an agent signs in with.

import { $ } from "../dom.js";
import { ask } from "../http.js";

export class SignIn {
  /** `begin` hears the token and the name of whoever was let in. */
  constructor(begin) {
    this.begin = begin;
    this.form = $("sign-in");
    this.form.addEventListener("submit", (event) => this.submit(event));
  }

  async submit(event) {
    event.preventDefault();
    const { form } = this;
    const problem = form.querySelector(".problem");
    problem.hidden = true;
    const fields = Object.fromEntries(new FormData(form));
    const { status, body } = await this.login(fields).catch(() => ({ status: 0, body: {} }));
    if (status === 200 && body.access_token) {
      form.reset();
      this.begin(body.access_token, fields.username);
      return;
    }
    const why = status === 0 ? "The hub cannot be reached." : body.detail ?? body.error?.message;
    problem.textContent = typeof why === "string" ? why : "That did not work. Check the name and the password.";
    problem.hidden = false;
  }

  login(fields) {
    const headers = { "Content-Type": "application/json" };
    return ask("/api/auth/login", null, { method: "POST", headers, body: JSON.stringify(fields) });
  }
}
