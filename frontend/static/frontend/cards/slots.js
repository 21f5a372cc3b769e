// Free times of a service: days beside each other, the times of one day below; a press chooses, nothing is booked by it.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { busy, problem, reasonOf } from "./parts.js";

/** The card in a conversation. With an order's number a press asks whether its appointment shall move there. */
export function slotsCard(card, ctx) {
  const { t } = ctx;
  const article = el("article", { class: "card slots", "data-product": String(card.product_id) });
  const draw = (shown, note = null) => {
    const place = el("div", { class: "slots-place" });
    const choose = async (at, button) => {
      place.querySelector(".notice")?.remove();
      const show = (text) => place.append(problem(text));
      const acted = await busy(button, t("adding"), () => ctx.act("slot", { variant_id: shown.variant_id, quantity: shown.seats, at: at.starts_at, order_number: shown.order_number }), (error) => show(reasonOf(error, t)));
      if (!acted) return;
      const fresh = acted.cards.find((other) => other.kind === "slots");
      if (acted.error) return void (fresh ? draw(fresh, acted.text) : show(acted.text || t("error_generic")));
      if (shown.order_number) return; // the question stands below
      article.querySelectorAll("button").forEach((other) => (other.disabled = true));
      button.setAttribute("aria-pressed", "true");
      place.append(el("p", { class: "result", role: "status" }, icon("check", "small"), acted.text), checkoutButton(ctx, place));
      ctx.announce(acted.text);
    };
    const later = async (from, button) => {
      const acted = await busy(button, t("loading"), () => ctx.act("slots", { variant_id: shown.variant_id, quantity: shown.seats, at: from, order_number: shown.order_number }), (error) => place.append(problem(reasonOf(error, t))));
      const fresh = acted?.cards.find((other) => other.kind === "slots");
      if (fresh) draw(fresh);
    };
    article.replaceChildren(
      el("header", {}, el("h4", {}, icon("clock"), shown.title), el("span", { class: "hint num" }, t("slot_facts", { n: shown.minutes, zone: shown.zone }))),
      note ? problem(note) : "",
      picker(shown, { t, choose, later }), place);
  };
  draw(card);
  return article;
}

function checkoutButton(ctx, place) {
  const button = el("button", { type: "button", class: "button primary large wide", onclick: async () => {
    const acted = await busy(button, ctx.t("checkout"), () => ctx.act("checkout"), (error) => place.append(problem(reasonOf(error, ctx.t))));
    if (acted?.error) place.append(problem(acted.text || ctx.t("error_generic")));
  } }, ctx.t("checkout"));
  return button;
}

/**
 * Days and times to choose from. `choose(time, button)` is called with {starts_at, label}, `later(day, button)` for more days.
 * Days are a group of radio-like buttons: arrow keys move between them, as do fingers.
 */
export function picker({ days, later: next }, { t, choose, later }) {
  if (days.length === 0) return el("p", { class: "hint" }, t("no_slots"));
  const times = el("div", { class: "slot-times", role: "group" });
  const buttons = days.map((day, index) => el("button", { type: "button", class: "slot-day", role: "radio", onclick: () => show(index) }, el("span", {}, day.label), el("span", { class: "hint num" }, t("slots_free", { n: day.times.length }))));
  const show = (index, { focus = false } = {}) => {
    buttons.forEach((button, place) => {
      button.setAttribute("aria-checked", String(place === index));
      button.tabIndex = place === index ? 0 : -1;
    });
    if (focus) buttons[index].focus();
    buttons[index].scrollIntoView?.({ block: "nearest", inline: "nearest" });
    times.setAttribute("aria-label", days[index].label);
    times.replaceChildren(...days[index].times.map((at) => timeButton(at, days[index], t, choose)));
  };
  const strip = el("div", { class: "slot-days", role: "radiogroup", "aria-label": t("choose_day") }, buttons,
    next && el("button", { type: "button", class: "slot-day later", onclick: (event) => later(next, event.currentTarget) }, t("later_days")));
  strip.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const here = buttons.indexOf(event.target);
    if (!by || here < 0) return;
    event.preventDefault();
    show((here + by + buttons.length) % buttons.length, { focus: true });
  });
  show(0);
  return el("div", { class: "slot-picker" }, strip, times);
}

function timeButton(at, day, t, choose) {
  const seats = at.left === null || at.left === undefined ? null : t("seats_left", { n: at.left });
  const button = el("button", { type: "button", class: "slot-time", "data-at": at.starts_at, "aria-label": [day.label, at.label, seats].filter(Boolean).join(" · "), onclick: () => choose(at, button) },
    el("span", { class: "num" }, at.label), seats && el("span", { class: "hint" }, seats));
  return button;
}
