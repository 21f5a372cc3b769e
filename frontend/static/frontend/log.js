// The written conversation: turns with who speaks, streaming text, states of messages, chips.

import { drawCards } from "./cards.js";
import { append, el } from "./dom.js";
import { count, timeOfDay } from "./format.js";
import { tagOf } from "./i18n.js";
import { icon } from "./icons.js";

const THINKING_AFTER_MS = 400;
const APPEND_EVERY_MS = 50;

/** Draws into a `role=log`. `options`: t, tag, ctx (for cards), compact, onRetry(clientId), onChip(text). */
export class Log {
  #options;
  #scroller;
  #own = new Map(); // client id -> the shopper's message as drawn
  #lastSpeaker = "";
  #stream = null; // the answer being written: { element, text, shown, timer }
  #thinking = { timer: 0, element: null };
  #newer;
  #persona = null;
  #lastTop = 0;
  #isFollowing = true; // the reader is at the end, so the end stays in view

  constructor(options) {
    this.#options = options;
    const { t } = options;
    this.element = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
    this.#newer = el("button", { type: "button", class: "newer", onclick: () => this.#toEnd() }, icon("down", "small"), t("new_messages"));
    this.#newer.hidden = true;
    this.#scroller = el("div", { class: "scroller", tabindex: "-1" }, this.element);
    this.view = el("div", { class: "log-view" }, this.#scroller, this.#newer);
    this.#scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    const keepEnd = new ResizeObserver(() => this.#isFollowing && this.#toEnd());
    keepEnd.observe(this.#scroller);
    keepEnd.observe(this.element);
  }

  /** Who the double is; needed before anything is drawn. */
  set persona(persona) {
    this.#persona = persona;
  }

  /** Nothing said yet: who this is, what it can do, its opening line and what others ask. */
  intro({ knows = 0, opener, suggestions }) {
    const { t, tag, compact } = this.#options;
    const about = knows ? t("can_look_up_n", { n: count(knows, tag) }) : t("can_look_up");
    const can = [["bag", "can_shop"], ["truck", "can_track"], ["person", "can_handoff"]];
    if (!compact) {
      append(this.element, el("section", { class: "intro" }, avatar(this.#persona.avatar_url, this.#persona.name, "large"),
        el("h2", {}, this.#persona.name), el("p", {}, about),
        el("ul", { class: "can" }, can.map(([name, key]) => el("li", { class: "tag" }, icon(name), t(key))))));
    }
    if (opener) this.#turn({ speaker: "double", name: this.#persona.name, text: opener, cards: [], state: "sent" });
    this.#chips(suggestions, "opening");
  }

  /** Draw what was there before; what was written while the connection was being made stays below it. */
  restore(draw) {
    const early = [...this.element.children];
    this.element.replaceChildren();
    draw();
    if (early.length) this.#removeChips();
    this.element.append(...early);
    this.#follow();
  }

  /** Draw a stored message. */
  said(said) {
    if (said.speaker === "shopper") {
      if (!this.#own.has(said.client_id)) this.#ownMessage(said.client_id || `s${said.sequence}`, said.text, said.language);
      return;
    }
    this.#endThinking();
    this.#endStream();
    if (said.speaker === "system") this.#systemLine(said);
    else this.#turn(said);
    this.#chips(said.chips ?? []);
  }

  /** Draw, or update, a message of the shopper that is on its way. */
  pending(entry) {
    const id = entry.frame.client_id;
    const row = this.#own.get(id) ?? this.#ownMessage(id, entry.frame.text);
    this.#removeChips();
    row.querySelector(".message-state")?.remove();
    row.classList.toggle("failed", entry.state === "failed");
    if (entry.state !== "sent") row.append(this.#messageState(entry));
    this.#follow();
  }

  /** An answer began: dots, but only when it takes a while. */
  running(turn) {
    this.#endThinking();
    if (turn === null) return;
    this.#thinking.timer = setTimeout(() => this.#showThinking(), THINKING_AFTER_MS);
  }

  /** A piece of the answer; appended at most every 50 ms. */
  token({ text }) {
    this.#endThinking();
    this.#stream ??= this.#startStream();
    this.#stream.text += text;
    this.#stream.timer ||= setTimeout(() => this.#flush(), APPEND_EVERY_MS);
  }

  /** A line across: somebody joined, the connection is back. */
  divider(text) {
    this.#lastSpeaker = "";
    this.element.append(el("p", { class: "divider" }, el("span", {}, text)));
    this.#follow();
  }

  /** A notice that stays in the log, with its own act. */
  card(element) {
    this.#lastSpeaker = "";
    this.element.append(element);
    this.#follow();
  }

  #ownMessage(id, text, language) {
    this.#lastSpeaker = "shopper";
    const row = el("div", { class: "own" }, el("p", { class: "bubble", lang: language && tagOf(language) }, el("span", { class: "sr" }, `${this.#options.t("you")}: `), text));
    this.#own.set(id, row);
    this.element.append(row);
    this.#isFollowing = true;
    this.#follow();
    return row;
  }

  #messageState(entry) {
    const { t, onRetry } = this.#options;
    if (entry.state === "sending") return el("span", { class: "message-state" }, t("sending"));
    return el("span", { class: "message-state failed", role: "alert" }, icon("info", "small"), el("span", {}, entry.problem || t("not_sent")),
      el("button", { type: "button", onclick: () => onRetry(entry.frame.client_id) }, t("try_again")));
  }

  #head(said) {
    const { t } = this.#options;
    if (this.#lastSpeaker === `${said.speaker}:${said.name}`) return "";
    this.#lastSpeaker = `${said.speaker}:${said.name}`;
    const isDouble = said.speaker === "double";
    const face = said.speaker === "person" ? avatar("", said.name, "tiny person") : avatar(this.#persona?.avatar_url, said.name, "tiny");
    return el("p", { class: "who" }, face, el("span", { class: "who-name" }, said.name || this.#persona?.name), speakerMark(said.speaker, said.name, t, isDouble ? this.#persona?.label : ""));
  }

  #turn(said) {
    const { t, ctx, compact } = this.#options;
    const state = { stopped: t("stopped"), held_back: t("held_back") }[said.state];
    const cards = drawCards(said.cards ?? [], ctx, { compact });
    const turn = el("div", { class: `turn ${said.speaker}` }, this.#head(said),
      said.text && el("div", { class: "said" }, el("p", { class: "bubble", lang: said.language && tagOf(said.language) }, said.text), state && el("span", { class: "message-state" }, state)),
      cards.length > 0 && el("div", { class: "cards" }, cards));
    this.element.append(turn);
    this.#follow();
  }

  #systemLine(said) {
    const { ctx, tag } = this.#options;
    this.#lastSpeaker = "";
    const cards = drawCards(said.cards ?? [], ctx);
    if (cards.length === 0) return this.divider([said.text, said.at && timeOfDay(said.at, tag)].filter(Boolean).join(" · "));
    this.element.append(el("div", { class: "turn system" }, el("p", { class: "notice tint", lang: said.language && tagOf(said.language) }, icon("check"), el("span", {}, said.text)), el("div", { class: "cards" }, cards)));
    this.#follow();
  }

  #startStream() {
    const bubble = el("p", { class: "bubble streaming" }, document.createTextNode(""));
    // Announced once, when done: the finished turn replaces this silent one.
    const element = el("div", { class: "turn double", "aria-live": "off", "aria-busy": "true" }, this.#head({ speaker: "double", name: this.#persona?.name }), el("div", { class: "said" }, bubble));
    this.#lastSpeaker = ""; // the finished turn draws its own head
    this.element.append(element);
    return { element, node: bubble.firstChild, text: "", timer: 0 };
  }

  #flush() {
    if (!this.#stream) return;
    this.#stream.timer = 0;
    this.#stream.node.data = this.#stream.text;
    this.#follow();
  }

  #endStream() {
    if (!this.#stream) return;
    clearTimeout(this.#stream.timer);
    this.#stream.element.remove();
    this.#stream = null;
  }

  #showThinking() {
    const { t } = this.#options;
    const name = this.#persona?.name ?? "";
    this.#thinking.element = el("div", { class: "turn double thinking" }, el("p", { class: "bubble" }, el("span", { class: "sr" }, t("thinking", { name })), el("i"), el("i"), el("i")));
    this.element.append(this.#thinking.element);
    this.#follow();
  }

  #endThinking() {
    clearTimeout(this.#thinking.timer);
    this.#thinking.element?.remove();
    this.#thinking = { timer: 0, element: null };
  }

  /** Follow-ups under the last turn; they vanish after use and when something newer is said. */
  #chips(texts, look = "") {
    this.#removeChips();
    if (texts.length === 0) return;
    const { onChip } = this.#options;
    this.element.append(el("ul", { class: `chips ${look}` }, texts.slice(0, 4).map((text) =>
      el("li", {}, el("button", { type: "button", class: "chip", onclick: () => (this.#removeChips(), onChip(text)) }, text)))));
    this.#follow();
  }

  #removeChips() {
    this.element.querySelector(".chips")?.remove();
  }

  /** Only going up is the reader's own move: what grows below, or our own jump to the end, is not. */
  #onScroll() {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 48;
    if (isAtEnd) this.#isFollowing = true;
    else if (scrollTop < this.#lastTop - 2) this.#isFollowing = false;
    this.#lastTop = scrollTop;
    if (isAtEnd) this.#newer.hidden = true;
  }

  #follow() {
    if (this.#isFollowing) this.#toEnd();
    else this.#newer.hidden = false;
  }

  #toEnd() {
    this.#isFollowing = true;
    this.#newer.hidden = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#lastTop = this.#scroller.scrollTop;
  }
}

/** A portrait, or the initial on a quiet ground. */
export function avatar(url, name, size = "") {
  const initial = el("span", { class: `avatar ${size}`, "aria-hidden": "true" }, [...(name || "?")][0]);
  if (!url) return initial;
  const portrait = el("img", { class: `avatar ${size}`, src: url, alt: "", onerror: () => portrait.replaceWith(initial) });
  return portrait;
}

/** Who speaks, always visible: AI outlined, a person blue, the creator in person green. */
export function speakerMark(speaker, name, t, label = "") {
  if (speaker === "person") return el("span", { class: "tag info" }, t("person"));
  if (speaker === "creator") return el("span", { class: "tag tint" }, icon("check"), t("herself", { name }));
  return el("span", { class: "ai" }, label || "AI");
}
