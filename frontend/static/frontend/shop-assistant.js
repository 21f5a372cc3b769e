// <shop-assistant>: the double of a creator as a launcher with a window, a panel beside a video, or a whole page.
//
// Attributes: creator, name, avatar, label, disclosure, mode (widget | panel | page), surface (direct | content), place,
// product (id looked at), beside (video | post), back (address of the back button), knows (how many pieces of content).

import { cardContext } from "./card_context.js";
import { Conversation } from "./chat.js";
import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { clock, timeOfDay } from "./format.js";
import { pageLanguage, tagOf, words } from "./i18n.js";
import { icon } from "./icons.js";
import { Log, avatar, speakerMark } from "./log.js";

const STYLES = ["parts.css", "cards.css", "chat.css"];
const OPEN_KEY = "shop-assistant-open";

class ShopAssistant extends HTMLElement {
  #t = words("en");
  #conversation;
  #log;
  #composer;
  #parts = {};
  #persona;
  #watching = null; // { content, second }: what the shopper looks at, sent with each message
  #hasOpened = false;

  connectedCallback() {
    if (this.shadowRoot) return;
    this.language = this.getAttribute("language") || pageLanguage();
    this.#t = words(this.language);
    this.#persona = {
      name: this.getAttribute("name") ?? "", label: this.getAttribute("label") || "AI",
      avatar_url: this.getAttribute("avatar") ?? "", disclosure: this.getAttribute("disclosure") ?? "",
    };
    this.#conversation = new Conversation({
      creator: this.getAttribute("creator"), surface: this.getAttribute("surface") || "direct",
      place: this.getAttribute("place") ?? "", language: this.language,
    });
    this.#build();
    this.#listen();
    if (this.mode === "widget") this.#restore();
    else this.open();
  }

  disconnectedCallback() {
    this.#conversation?.stopListening();
  }

  get mode() {
    return this.getAttribute("mode") || "widget";
  }

  /** What is on screen beside the double; the composer says so and each message carries it. */
  set watching(watching) {
    this.#watching = watching;
    if (watching) this.#composer.placeholder = this.#t("ask_moment", { clock: clock(watching.second) });
  }

  /** Called with (content slug, second) by content cards; returns true when the page could seek. */
  seek = null;

  /** Show the window and start the conversation. */
  open({ focus = false } = {}) {
    this.toggleAttribute("open", true);
    document.documentElement.classList.toggle("assistant-open", this.mode === "widget");
    this.#remember(true);
    if (!this.#hasOpened) this.#start();
    if (focus) this.#composer.focus();
  }

  /** Hide the window; focus goes back to the launcher. */
  close() {
    this.toggleAttribute("open", false);
    document.documentElement.classList.remove("assistant-open");
    this.#remember(false);
    this.#parts.launcher?.focus();
  }

  /** Write as the shopper would. */
  say(text) {
    this.#start();
    this.#conversation.say(text, this.#watching ?? this.#placeContext());
    this.dispatchEvent(new Event("said"));
  }

  #build() {
    const t = this.#t;
    const root = this.attachShadow({ mode: "open" });
    const ctx = cardContext({
      conversation: this.#conversation, t, tag: tagOf(this.language), say: (text) => this.say(text),
      announce: (text) => (this.#parts.status.textContent = text), seek: (content, second) => this.seek?.(content, second) ?? false,
    });
    this.#log = new Log({ t, tag: tagOf(this.language), ctx, compact: this.mode === "panel", onRetry: (id) => this.#conversation.retry(id), onChip: (text) => (this.say(text), this.#composer.focus()) });
    this.#log.persona = this.#persona;
    this.#composer = new Composer({ t, placeholder: t("message_to", { name: this.#persona.name }) });
    this.#parts = {
      head: el("header", { class: "head" }), strip: el("p", { class: "strip" }), connection: el("p", { class: "notice warn offline", role: "status" }),
      status: el("p", { class: "sr", role: "status" }), launcher: this.mode === "widget" ? this.#launcher() : null,
    };
    this.#parts.connection.hidden = true;
    this.#parts.window = el("section", { class: "window", "aria-label": t("conversation", { name: this.#persona.name }) },
      this.#parts.head, this.#parts.strip, this.#log.view, this.#parts.connection, el("footer", { class: "foot" }, this.#footNote(), this.#composer.element), this.#parts.status);
    this.#drawHead();
    root.append(...this.#styles(), this.#parts.launcher ?? "", this.#parts.window);
  }

  #styles() {
    const waiting = new Set(STYLES);
    const ready = (name) => {
      waiting.delete(name);
      if (waiting.size === 0) this.toggleAttribute("ready", true); // shown when dressed
    };
    return STYLES.map((name) => el("link", { rel: "stylesheet", href: new URL(`./${name}`, import.meta.url).href, onload: () => ready(name), onerror: () => ready(name) }));
  }

  #launcher() {
    const t = this.#t;
    const badge = el("span", { class: "badge" });
    badge.hidden = true;
    this.#parts.badge = badge;
    return el("button", { type: "button", class: "launcher", "aria-label": t("open_chat", { name: this.#persona.name }), onclick: () => this.open({ focus: true }) },
      this.#persona.avatar_url ? avatar(this.#persona.avatar_url, this.#persona.name, "launcher-face") : icon("chat"), el("span", { class: "ai" }, this.#persona.label), badge);
  }

  /** On a phone's content page only this line and the field are seen until something is asked. */
  #footNote() {
    if (this.mode !== "panel") return "";
    return el("p", { class: "foot-note" }, el("span", { class: "ai" }, this.#persona.label), this.#stripText());
  }

  #stripText() {
    if (this.mode !== "panel") return this.#persona.disclosure;
    return this.#t(this.getAttribute("beside") === "post" ? "knows_post" : "knows_video");
  }

  #drawHead() {
    const t = this.#t;
    const { owner = "double", person = "" } = this.#conversation.welcome ?? {};
    const hasPerson = owner === "person";
    const name = hasPerson ? person : this.#persona.name;
    const back = this.getAttribute("back");
    const desk = hasPerson || owner === "waiting"
      ? el("button", { type: "button", class: "button", onclick: () => this.#desk("resume_double") }, t("back_to_ai"))
      : el("button", { type: "button", class: "button", onclick: () => this.#desk("handoff") }, t("talk_to_person"));
    this.#parts.head.replaceChildren(...[
      back && el("a", { class: "icon-button back", href: back, "aria-label": t("back") }, icon("back")),
      hasPerson ? avatar("", name, "person") : avatar(this.#persona.avatar_url, name),
      el("div", { class: "head-text" },
        el("p", { class: "head-name" }, el("span", {}, name), speakerMark(hasPerson ? "person" : "double", name, t, this.#persona.label)),
        el("p", { class: "head-hint" }, hasPerson ? "" : t("replies_in_seconds"))),
      desk,
      this.mode !== "page" && el("button", { type: "button", class: "icon-button close", "aria-label": t("close"), onclick: () => this.#onClose() }, icon(this.mode === "widget" ? "close" : "down")),
    ].filter(Boolean));
    const strip = { person: ["person", "hand", t("person_took_over", { name: this.#persona.name })], waiting: ["person", "person", t("waiting_person")] }[owner] ?? ["", "info", this.#stripText()];
    this.#parts.strip.className = `strip ${strip[0]}`;
    this.#parts.strip.replaceChildren(icon(strip[1], "small"), el("span", {}, strip[2]));
    if (hasPerson) this.#composer.placeholder = t("message_to", { name });
    else if (!this.#watching) this.#composer.placeholder = t("message_to", { name: this.#persona.name });
  }

  #listen() {
    const conversation = this.#conversation;
    this.#composer.addEventListener("send", (event) => this.say(event.detail));
    this.#composer.addEventListener("stop", () => conversation.stop());
    conversation.addEventListener("welcome", ({ detail }) => this.#onWelcome(detail));
    conversation.addEventListener("pending", ({ detail }) => this.#log.pending(detail));
    conversation.addEventListener("running", ({ detail }) => {
      this.#composer.running = detail.turn !== null;
      this.#log.running(detail.turn);
    });
    conversation.addEventListener("token", ({ detail }) => this.#log.token(detail));
    conversation.addEventListener("said", ({ detail }) => this.#onSaid(detail));
    conversation.addEventListener("acted", ({ detail }) => this.#onActed(detail));
    conversation.addEventListener("confirmed", ({ detail }) => this.#showCards(detail));
    conversation.addEventListener("cart", ({ detail }) => document.dispatchEvent(new CustomEvent("shop:cart", { detail })));
    conversation.addEventListener("owner", ({ detail }) => this.#onOwner(detail));
    conversation.addEventListener("problem", ({ detail }) => !detail.client_id && (this.#parts.status.textContent = detail.message));
    conversation.addEventListener("connection", ({ detail }) => this.#onConnection(detail.state));
    this.shadowRoot.addEventListener("keydown", (event) => this.#onKey(event));
  }

  async #start() {
    this.#hasOpened = true;
    try {
      await this.#conversation.start();
    } catch {
      this.#hasOpened = false;
      this.#showConnection(this.#t("failed_start"), true);
    }
  }

  #onWelcome({ frame, isFirst }) {
    this.#showConnection("");
    this.#persona = { ...frame.persona };
    this.#log.persona = this.#persona;
    this.#composer.limit = frame.limits.message_chars ?? frame.limits.characters;
    this.#drawHead();
    if (!isFirst) return;
    this.#log.restore(() => this.#drawHistory(frame));
    if (frame.search_down_since) this.#searchDown(frame.search_down_since);
  }

  #drawHistory({ messages, persona }) {
    const hasAsked = messages.some((said) => said.speaker === "shopper");
    const hasOpener = messages.some((said) => said.speaker === "double");
    if (!hasAsked) this.#log.intro({ knows: Number(this.getAttribute("knows")), opener: hasOpener ? "" : persona.opener, suggestions: hasOpener ? [] : persona.suggestions });
    messages.forEach((said) => this.#log.said(said));
  }

  #onSaid({ said, state }) {
    this.#log.said(said);
    if (state === "failed") this.#parts.status.textContent = this.#t("answer_failed");
    if (!this.hasAttribute("open") && said.speaker !== "shopper") this.#count();
  }

  #onActed(frame) {
    // A product card shows itself what became of its button; the log shows what was asked for.
    const shown = frame.act === "cart_show" || frame.act === "checkout" || frame.act === "handoff";
    if (shown || frame.cards.some((card) => card.kind === "confirm" || card.kind === "address")) this.#showCards(frame);
    else if (frame.text) this.#parts.status.textContent = frame.text;
  }

  #showCards(frame) {
    const cards = frame.cards ?? [];
    const text = frame.type === "confirmed" ? "" : frame.text;
    if (cards.length || text) this.#log.said({ speaker: "double", name: this.#persona.name, text: frame.error ? "" : text, cards, chips: [], state: "sent", language: this.language });
  }

  #onOwner(frame) {
    if (frame.owner === "person" && frame.person) this.#log.divider(`${this.#t("person_joined", { name: frame.person })} · ${timeOfDay(new Date().toISOString(), tagOf(this.language))}`);
    this.#drawHead();
  }

  #desk(act) {
    this.#conversation.act(act).catch((error) => (this.#parts.status.textContent = error.message));
  }

  #searchDown(since) {
    const t = this.#t;
    this.#log.card(el("section", { class: "card outage", role: "status" }, el("span", { class: "outage-icon" }, icon("warning")),
      el("div", {}, el("h4", {}, t("search_down")), el("p", { class: "hint" }, t("search_down_since", { clock: timeOfDay(since, tagOf(this.language)) })))));
  }

  #onConnection(state) {
    if (state === "open") return this.#showConnection("");
    this.#showConnection(this.#t(state === "refused" ? "failed_start" : "offline"), state === "refused");
  }

  #showConnection(text, isFinal = false) {
    const { connection } = this.#parts;
    clearTimeout(this.connectionTimer);
    if (!text) return void (connection.hidden = true);
    const show = () => {
      connection.hidden = false;
      connection.replaceChildren(icon(isFinal ? "warning" : "retry"), el("span", {}, text), isFinal && !this.#hasOpened ? el("button", { type: "button", class: "link", onclick: () => this.#start() }, this.#t("try_again")) : "");
    };
    // A blink of the network is not worth a word.
    if (isFinal) show();
    else this.connectionTimer = setTimeout(show, 1500);
  }

  #count() {
    const { badge } = this.#parts;
    if (!badge) return;
    badge.hidden = false;
    badge.textContent = String(Number(badge.textContent || 0) + 1);
  }

  #onKey(event) {
    if (event.key === "Escape" && this.mode === "widget" && this.hasAttribute("open")) {
      event.stopPropagation();
      this.close();
    }
    if (event.key === "Tab" && this.#isFullScreen()) this.#trap(event);
  }

  /** Full screen it is a dialog: Tab stays inside. As a window beside the page it does not hold the focus. */
  #trap(event) {
    const inside = [...this.#parts.window.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")].filter((node) => node.offsetParent);
    const [first, last] = [inside[0], inside.at(-1)];
    const active = this.shadowRoot.activeElement;
    if (event.shiftKey && active === first) (event.preventDefault(), last.focus());
    else if (!event.shiftKey && active === last) (event.preventDefault(), first.focus());
  }

  #isFullScreen() {
    return this.mode === "widget" && this.hasAttribute("open") && matchMedia("(max-width: 719px)").matches;
  }

  #onClose() {
    if (this.mode === "widget") this.close();
    else this.dispatchEvent(new Event("fold"));
  }

  #placeContext() {
    const product = Number(this.getAttribute("product"));
    if (product) return { product_id: product };
    return this.getAttribute("surface") === "content" ? { content: this.getAttribute("place") } : {};
  }

  #restore() {
    // A phone's window hides the page, so there it opens only by hand.
    if (sessionStorage.getItem(OPEN_KEY) === "1" && matchMedia("(min-width: 1100px)").matches) this.open();
  }

  #remember(isOpen) {
    if (this.mode !== "widget") return;
    sessionStorage.setItem(OPEN_KEY, isOpen ? "1" : "0");
    const { badge } = this.#parts;
    if (isOpen && badge) (badge.hidden = true), (badge.textContent = "");
  }
}

customElements.define("shop-assistant", ShopAssistant);
