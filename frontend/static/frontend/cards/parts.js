// What several cards share: prices, stock, steppers, lines with totals, busy buttons.

import { every } from "../card_context.js";
import { el, picture } from "../dom.js";
import { timeOfDay } from "../format.js";
import { icon } from "../icons.js";

/** The price, and what it was before: struck through, and said. */
export function priceLine(price, was, t, { varies = false } = {}) {
  if (!price) return el("span", { class: "price" });
  return el("span", { class: "price" }, varies ? t("from_price", { price: price.text }) : price.text,
    was && [" ", el("span", { class: "was" }, el("span", { class: "sr" }, `${t("was")} `), el("s", {}, was.text))]);
}

/** A price for a while says until when, by the reader's own clock; `ended()` is called once that time has come. */
export function livePrice(until, t, ended = () => {}) {
  if (!until) return null;
  const tag = el("span", { class: "tag warn live-price", "data-live-until": until });
  const draw = () => {
    const isOver = Date.parse(until) <= Date.now();
    tag.replaceChildren(icon("clock", "small"), isOver ? t("live_price_ended") : t("live_price_until", { time: timeOfDay(until, "en") }));
    tag.className = isOver ? "tag live-price" : "tag warn live-price";
    if (isOver) ended();
    return !isOver;
  };
  if (draw()) every(tag, draw);
  return tag;
}

/** Stock in words and colour: in stock, few left, sold out, not for sale, elsewhere. */
export function stockText(card, t) {
  const shown = {
    in_stock: ["", card.left ? t("left", { n: card.left }) : t("in_stock")],
    few_left: ["few", t("left", { n: card.left ?? 1 })],
    sold_out: ["out", t("sold_out")],
    not_for_sale: ["", t("not_for_sale")],
    external: ["", t("at_shop")],
  }[card.stock];
  return el("span", { class: `stock ${shown[0]}` }, shown[1]);
}

/** Minus, count, plus. `change(quantity)` is called with the new count; 0 removes. */
export function stepper(quantity, title, t, change) {
  const step = (by, name, label) => el("button", { type: "button", "aria-label": label, onclick: () => change(quantity + by) }, icon(name));
  return el("span", { class: "stepper", role: "group", "aria-label": t("quantity_of", { n: quantity, title }) },
    step(-1, "minus", quantity === 1 ? t("remove") : t("less")), el("output", {}, quantity), step(1, "plus", t("more")));
}

/** Run `work` while the button says so; put it back afterwards. Returns the result, or null after showing the error. */
export async function busy(button, label, work, onError) {
  if (button.getAttribute("aria-disabled") === "true") return null;
  const before = [...button.childNodes];
  button.replaceChildren(icon("retry", "small"), label);
  button.classList.add("busy");
  button.setAttribute("aria-disabled", "true");
  try {
    return await work();
  } catch (error) {
    onError(error);
    return null;
  } finally {
    button.classList.remove("busy");
    button.removeAttribute("aria-disabled");
    if (button.isConnected) button.replaceChildren(...before);
  }
}

/** A line that says what went wrong, announced, inside the card it belongs to. */
export const problem = (text) => el("p", { class: "notice danger", role: "alert" }, icon("warning"), el("span", {}, text));

/** The words for a failed act: the server's own, or that the shop is out of reach. */
export function reasonOf(error, t) {
  if (["offline", "timeout"].includes(error.message) || error instanceof TypeError) return t("error_network");
  return error.message || t("error_generic");
}

/** Lines of a cart or an order: picture, title, option, how many, amount. */
export function lineRow(line, control) {
  return el("li", { class: "line" },
    picture(line.image_url, line.title, "picture thumb"),
    el("div", { class: "line-text" },
      line.url ? el("a", { class: "line-title", href: line.url }, line.title) : el("span", { class: "line-title" }, line.title),
      line.option && el("span", { class: "line-option" }, line.option),
      line.when && el("span", { class: "line-option line-when" }, line.when),
      control),
    el("span", { class: "price line-price" }, line.total?.text ?? ""));
}

/** Amounts under each other; the last one is the total. A row is [label, amount or null, hint]. */
export function amounts(rows) {
  const shown = rows.filter((row) => row[1] || row[2]);
  return el("dl", { class: "amounts" }, shown.map(([label, amount, hint], index) =>
    el("div", { class: index === shown.length - 1 ? "total" : "" }, el("dt", {}, label), el("dd", {}, amount ?? hint))));
}

/** What is bought on a test stand says so. */
export const testTag = (isTest, t) => isTest && el("span", { class: "tag warn", title: t("test_note") }, t("test"));
