// The form that asks how it was, shown once a conversation is closed.

export class Rating {
  constructor(form, conversation) {
    this.form = form;
    this.conversation = conversation;
    form.addEventListener("submit", (event) => this.rate(event));
  }

  /** Asks anew when the conversation closes, and is not there before. */
  turn(status) {
    this.form.hidden = status !== "closed";
    this.thank(false);
  }

  thank(isDone) {
    this.form.querySelector("fieldset").hidden = isDone;
    this.form.querySelector(".thanks").hidden = !isDone;
  }

  rate(event) {
    event.preventDefault();
    const given = new FormData(this.form);
    const stars = Number(given.get("stars"));
    if (!stars) return;
    const comment = String(given.get("comment") ?? "").trim();
    const frame = { type: "rating", rating: stars, ...(comment && { comment }) };
    this.conversation.request(frame, (isDone) => {
      this.thank(isDone);
      if (isDone) this.form.reset();
    });
  }
}
