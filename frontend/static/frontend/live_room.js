// The live room: stage, what is on the table, questions with their answers; calm on purpose.

import { becomeShopper, pageData } from "./api.js";
import { every } from "./card_context.js";
import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { framed } from "./embed.js";
import { clock, count } from "./format.js";
import { pageLanguage, tagOf, words } from "./i18n.js";
import { icon } from "./icons.js";
import { answerContexts, followTracked, linkMaker } from "./live_buying.js";
import { drawEarlier, drawPinned } from "./live_pinned.js";
import { questionRow } from "./live_questions.js";
import { Room } from "./live_state.js";
import { wireTabs } from "./tabs.js";

const language = pageLanguage();
const t = words(language);
const tag = tagOf(language);
const config = pageData().room;
const room = new Room(config.id, language);
const find = (id) => document.getElementById(id);
const FILTERS = {
  questions: () => true,
  answered: (question) => question.state === "answered",
  mine: (question) => question.mine,
};
const EMPTY = { questions: "no_questions", answered: "no_answered", mine: "no_mine" };

const parts = build();
const linkTo = linkMaker(config.slug);
const announce = (text) => (parts.status.textContent = text);
const look = {
  t, tag, host: config.host, clock: room.clock, announce, linkTo, persona: { name: config.double, label: "AI", avatar_url: config.avatar },
  contextOf: answerContexts({ t, tag, clock: room.clock, announce, linkTo, say: (text) => room.ask(text) }), onMeToo: (id, isOn) => room.meToo(id, isOn),
};
let tab = "questions";
let waiting = []; // new questions held back while somebody reads below the top
const rows = new Map();

function build() {
  const labels = { questions: t("questions"), answered: t("answered_tab"), mine: t("mine") };
  const tabs = el("div", { class: "tabs", role: "tablist", "aria-label": t("questions") }, Object.entries(labels).map(([name, label], index) =>
    el("button", { type: "button", role: "tab", "data-tab": name, "aria-selected": String(index === 0), tabindex: index === 0 ? "0" : "-1", "aria-controls": "asks-list" }, label, el("span", { class: "num" }))));
  const list = el("ul", { class: "asks-list", id: "asks-list" });
  const empty = el("p", { class: "empty" });
  const scroller = el("div", { class: "asks-scroll", role: "tabpanel" }, list, empty);
  const newer = el("button", { type: "button", class: "newer", onclick: showWaiting });
  newer.hidden = true;
  const banner = el("div", { role: "status" });
  const toast = el("div", { role: "status" });
  const status = el("p", { class: "sr", role: "status" });
  const composer = new Composer({ t, placeholder: t("ask_placeholder") });
  const grip = el("button", { type: "button", class: "grip", "aria-label": t("full_video"), "aria-pressed": "false", onclick: toggleVideo });
  find("asks").append(grip, tabs, newer, banner, scroller, el("footer", { class: "asks-foot" }, toast, composer.element), status);
  wireTabs(tabs, (picked) => {
    tab = picked.dataset.tab;
    drawList();
  });
  composer.addEventListener("send", (event) => room.ask(event.detail));
  wireGrip(grip);
  return { tabs, list, empty, scroller, newer, banner, toast, status, composer, grip };
}

function toggleVideo() {
  const isFull = document.body.classList.toggle("full-video");
  parts.grip.setAttribute("aria-pressed", String(isFull));
  parts.grip.setAttribute("aria-label", t(isFull ? "show_questions" : "full_video"));
}

/** Drag the sheet down for the full picture, up again for the questions. */
function wireGrip(grip) {
  let from = null;
  grip.addEventListener("pointerdown", (event) => {
    from = event.clientY;
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const isFull = document.body.classList.contains("full-video");
    if (isFull ? event.clientY - from < -40 : event.clientY - from > 40) {
      from = null;
      toggleVideo();
      grip.dataset.dragged = "1";
    }
  });
  grip.addEventListener("click", (event) => {
    if (!grip.dataset.dragged) return;
    event.stopImmediatePropagation();
    delete grip.dataset.dragged;
  }, true);
}

function drawStage() {
  const stage = find("stage");
  const { poster, embed } = stage.dataset;
  if (embed) return void stage.append(framed(embed, document.title).element);
  const time = el("span", { class: "grow" });
  const full = el("button", { type: "button", "aria-label": t("fullscreen"), onclick: () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen?.()) }, icon("fullscreen"));
  stage.append(poster ? el("img", { src: poster, alt: "" }) : el("p", { class: "stage-empty" }, t("nothing_pinned")), el("div", { class: "stage-shade" }),
    el("div", { class: "stage-controls" }, el("div", { class: "stage-row" }, time, full)));
  if (config.started_at) every(time, () => {
    time.textContent = room.state === "live" ? t("live_since", { clock: clock(-room.clock.secondsUntil(config.started_at)) }) : t(room.state === "ended" ? "ended" : "scheduled");
    return true;
  });
}

function drawHead() {
  const badge = find("room-state");
  badge.hidden = room.state !== "live";
  badge.textContent = t("live");
  find("viewers").replaceChildren(icon("eye", "small"), ` ${t("watching", { n: room.viewers === 1 ? 1 : count(room.viewers, tag) })}`);
  const word = { ended: "room_ended", scheduled: "room_scheduled" }[room.state];
  parts.banner.replaceChildren(word ? el("p", { class: "notice top" }, icon("info"), el("span", {}, t(word))) : "");
  parts.composer.element.hidden = room.state === "ended";
}

function drawTabs() {
  const all = [...room.questions.values()];
  for (const [name, isIn] of Object.entries(FILTERS)) {
    parts.tabs.querySelector(`[data-tab="${name}"] .num`).textContent = all.filter(isIn).length + (name === "mine" ? room.pending.size : 0);
  }
}

/** Answering first, then by how many ask, then the newest: the order is fixed while nobody scrolls. */
function ordered() {
  const rank = { answering: 0, new: 1, answered: 1, saved: 1 };
  return [...room.questions.values()].filter(FILTERS[tab]).filter((question) => !waiting.includes(question.id))
    .sort((a, b) => rank[a.state] - rank[b.state] || b.id - a.id);
}

function drawList() {
  const shown = ordered();
  rows.clear();
  for (const question of shown) rows.set(question.id, questionRow(question, look));
  parts.list.replaceChildren(...(tab === "answered" ? [] : pendingRows()), ...rows.values());
  parts.empty.hidden = parts.list.children.length > 0;
  parts.empty.textContent = t(EMPTY[tab]);
  parts.newer.hidden = waiting.length === 0 || tab !== "questions";
  if (waiting.length) parts.newer.replaceChildren(icon("arrow_up", "small"), t("new_questions", { n: waiting.length }));
  drawTabs();
}

function pendingRows() {
  return [...room.pending.values()].map((entry) => el("li", { class: "pending" },
    el("div", { class: "ask-head" }, el("h3", {}, entry.frame.text), entry.state === "sending" ? el("span", { class: "tag" }, icon("clock"), t("sending")) : ""),
    entry.state === "failed" && el("p", { class: "notice danger" }, icon("warning"), el("span", {}, `${t("not_sent")} ${entry.problem}`),
      el("button", { type: "button", class: "button", onclick: () => room.retry(entry.frame.client_id) }, t("try_again")))));
}

/** Redraw one question where it stands: nothing else moves. */
function drawQuestion(id) {
  const question = room.questions.get(id);
  const old = rows.get(id);
  if (!question || !old?.isConnected || !FILTERS[tab](question)) return drawList();
  const fresh = questionRow(question, look);
  const hadFocus = old.contains(document.activeElement);
  rows.set(id, fresh);
  old.replaceWith(fresh);
  if (hadFocus) fresh.querySelector("button")?.focus({ preventScroll: true });
  drawTabs();
}

function drawDraft(id) {
  const text = rows.get(id)?.querySelector("[data-draft]");
  if (!text) return drawQuestion(id);
  text.textContent = room.questions.get(id).draft;
}

function showWaiting() {
  waiting = [];
  drawList();
  parts.scroller.scrollTop = 0;
  parts.composer.focus();
}

function onNew(id) {
  if (parts.scroller.scrollTop > 24 && !room.questions.get(id).mine) waiting.push(id);
  drawList();
}

function say(text, tone = "", button = null) {
  clearTimeout(say.timer);
  parts.toast.replaceChildren(el("p", { class: `notice ${tone}` }, icon(tone === "danger" ? "warning" : tone === "warn" ? "retry" : "check"), el("span", {}, text), button ?? ""));
  // A notice that must be acted on stays; one that only tells goes by itself.
  if (!button && tone !== "warn") say.timer = setTimeout(() => parts.toast.replaceChildren(), 6000);
}

const draws = {
  all: () => (drawHead(), drawPins(), drawList()), new: ({ id }) => onNew(id), question: ({ id }) => drawQuestion(id), draft: ({ id }) => drawDraft(id),
  pending: drawList, pinned: drawPins, viewers: drawHead, room: drawHead,
};

function drawPins() {
  drawPinned(find("pinned"), room.pinned, look);
  drawEarlier(find("earlier"), room.earlier, look);
}

function jumpTo(id) {
  tab = "questions";
  parts.tabs.querySelector('[data-tab="questions"]').click();
  waiting = waiting.filter((held) => held !== id);
  drawList();
  rows.get(id)?.scrollIntoView({ block: "start" });
  parts.toast.replaceChildren();
}

room.addEventListener("change", ({ detail }) => {
  look.persona = room.persona ?? look.persona;
  parts.composer.limit = room.limits.question_chars;
  draws[detail.what]?.(detail);
});
room.addEventListener("asked", ({ detail }) => say(t(detail.merged ? "merged" : "asked"), "tint"));
room.addEventListener("refused", ({ detail }) => say(detail.retry_after_ms ? t("wait_s", { n: Math.ceil(detail.retry_after_ms / 1000) }) : detail.message, "danger"));
room.addEventListener("told", ({ detail }) => say(t("yours_answered"), "tint", el("button", { type: "button", onclick: () => jumpTo(detail.question_id) }, t("show"))));
room.addEventListener("notice", ({ detail }) => detail.text && say(detail.text));
room.addEventListener("connection", ({ detail }) => {
  clearTimeout(parts.downTimer);
  if (detail.state === "down") parts.downTimer = setTimeout(() => say(t("reconnecting"), "warn"), 1500);
  if (detail.state === "refused") say(t("failed_start"), "danger", el("button", { type: "button", onclick: () => location.reload() }, t("try_again")));
  if (detail.state === "back") say(t("missed", { n: detail.missed || 1 }), "");
});

room.state = config.state;
find("live-note").textContent = t("live_note", { name: config.host });
drawStage();
followTracked(document.getElementById("main"), linkTo);
becomeShopper().then(() => room.open(), () => room.open());
