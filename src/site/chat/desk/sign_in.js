// The form an agent signs in with.

import { $ } from "../dom.js";
import { ask, problem as wrong } from "../http.js";

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
    problem.textContent = status === 401 ? "The name or the password is wrong." : wrong({ status, body });
    problem.hidden = false;
  }

  login(fields) {
    const headers = { "Content-Type": "application/json" };
    return ask("/api/auth/login", null, { method: "POST", headers, body: JSON.stringify(fields) });
  }
}
