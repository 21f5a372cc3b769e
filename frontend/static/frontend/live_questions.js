// The questions of a room: state in icon, word and colour; askers; the answer, being written or whole.

import { drawCards } from "./cards.js";
import { el } from "./dom.js";
import { clock, count } from "./format.js";
import { tagOf } from "./i18n.js";
import { icon } from "./icons.js";
import { avatar, speakerMark } from "./log.js";

const STATES = {
  new: ["clock", "", "state_new"], answering: ["wave", "info", "state_answering"],
  answered: ["check", "tint", "state_answered"], saved: ["hand", "warn", "state_saved"],
};

/** One question. `look`: t, tag, host, persona, contextOf(answer) for its cards, onMeToo(id, isOn). */
export function questionRow(question, look) {
  const { t } = look;
  const row = el("li", { "data-question": String(question.id) },
    el("div", { class: "ask-head" }, el("h3", { lang: question.language && tagOf(question.language) }, question.text), stateTag(question.state, look)),
    meta(question, look));
  if (question.answer) row.append(answerBox(question, look));
  else if (question.state === "answering") row.append(draftBox(question, look));
  else if (question.state === "saved") row.append(el("p", { class: "ask-note" }, t("answers_herself", { name: look.host })));
  return row;
}

/** The state as tag: always icon, word and colour together. */
export function stateTag(state, { t, host }) {
  const [name, tone, word] = STATES[state] ?? STATES.new;
  return el("span", { class: `tag ${tone}` }, icon(name), t(word, { name: host }));
}

function meta(question, look) {
  const { t, tag } = look;
  const others = question.askers - 1;
  const who = question.mine ? asked(others, t) : question.asker_name;
  const isOpen = question.state === "new" || question.state === "answering";
  const toggle = isOpen && el("button", {
    type: "button", class: "me-too", "aria-pressed": String(question.mine), "aria-label": `${t("asked_this", { n: question.askers })}. ${t("ask_too")}`,
    onclick: () => look.onMeToo(question.id, !question.mine),
  }, icon(question.mine ? "check" : "plus"), t("asked_this", { n: count(question.askers, tag) === "1" ? 1 : count(question.askers, tag) }));
  const when = question.room_second > 0 ? clock(question.room_second) : "";
  const text = [who, when].filter(Boolean).join(" · ");
  if (!isOpen) return "";
  return el("p", { class: "ask-meta" }, toggle, el("span", {}, text));
}

function asked(others, t) {
  if (others <= 0) return t("you");
  return others === 1 ? t("you_and_one") : t("you_and", { n: others });
}

function answerHead(speaker, name, look, extra) {
  const { t, persona } = look;
  const face = speaker === "person" ? avatar("", name, "tiny person") : avatar(persona?.avatar_url, name, "tiny");
  return el("p", { class: "answer-head" }, face, el("span", {}, name), speakerMark(speaker, name, t, speaker === "double" ? persona?.label : ""), extra);
}

function answerBox(question, look) {
  const { t } = look;
  const { answer } = question;
  const { speaker } = answer;
  const name = answer.name || look.persona?.name || "";
  const askers = el("span", { class: "for" }, t("for_askers", { n: question.askers }));
  const cards = drawCards(answer.cards, look.contextOf(answer), { compact: true });
  return el("div", { class: `answer ${speaker}`, "data-answer": String(answer.answer_id) }, answerHead(speaker, name, look, askers),
    el("p", { class: "answer-text", lang: answer.language && tagOf(answer.language) }, answer.text), cards.length > 0 && el("div", { class: "cards" }, cards));
}

function draftBox(question, look) {
  return el("div", { class: "answer", "aria-live": "off", "aria-busy": "true" }, answerHead("double", look.persona?.name ?? "", look),
    el("p", { class: "answer-text streaming", "data-draft": "" }, question.draft));
}
