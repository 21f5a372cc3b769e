// The field and its one button: send, or stop while an answer is being written.

import { el } from "./dom.js";
import { icon } from "./icons.js";

/** Emits "send" (detail: text) and "stop". The text stays in the field until it was taken. */
export class Composer extends EventTarget {
  #t;
  #limit = 2000;
  #isRunning = false;

  constructor({ t, placeholder, label }) {
    super();
    this.#t = t;
    this.field = el("textarea", { rows: "1", "aria-label": label ?? placeholder, placeholder, enterkeyhint: "send", autocomplete: "off" });
    this.button = el("button", { type: "submit", class: "round" });
    this.problem = el("p", { class: "composer-problem", role: "alert" });
    this.element = el("form", { class: "composer-form" }, el("div", { class: "composer" }, this.field, this.button), this.problem);
    this.element.addEventListener("submit", (event) => (event.preventDefault(), this.#submit()));
    this.field.addEventListener("keydown", (event) => this.#onKey(event));
    this.field.addEventListener("input", () => this.#check());
    this.#drawButton();
  }

  set limit(characters) {
    this.#limit = characters ?? this.#limit;
  }

  set placeholder(text) {
    this.field.placeholder = text;
    this.field.setAttribute("aria-label", text);
  }

  set running(isRunning) {
    this.#isRunning = isRunning;
    this.#drawButton();
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  #drawButton() {
    // Writing goes on while an answer runs: with text in the field the button sends, without it stops.
    const isStop = this.#isRunning && !this.field.value.trim();
    this.button.classList.toggle("stop", isStop);
    this.button.setAttribute("aria-label", this.#t(isStop ? "stop" : "send"));
    this.button.replaceChildren(icon(isStop ? "stop" : "arrow_up"));
  }

  #onKey(event) {
    // Enter while an input method composes picks a character; it does not send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (this.field.value.trim()) this.#submit();
  }

  #check() {
    const length = [...this.field.value.trim()].length;
    this.problem.textContent = length > this.#limit ? this.#t("too_long", { n: this.#limit, m: length }) : "";
    this.#drawButton();
    return length > 0 && length <= this.#limit;
  }

  #submit() {
    const text = this.field.value.trim();
    if (!text && this.#isRunning) return void this.dispatchEvent(new Event("stop"));
    if (!this.#check()) return void this.field.focus();
    this.field.value = "";
    this.#check();
    this.dispatchEvent(new CustomEvent("send", { detail: text }));
    this.field.focus({ preventScroll: true });
  }
}
