// A routine: numbered steps with price and reason, what not to combine, the total, and three things to do.

import { el, picture } from "../dom.js";
import { icon } from "../icons.js";
import { busy, problem, reasonOf } from "./parts.js";

export function routineCard(card, ctx) {
  const { t } = ctx;
  const budget = card.over_by
    ? el("span", { class: "tag warn" }, t("over_by", { price: card.over_by.text }))
    : card.budget && el("span", { class: "tag tint" }, t("under_budget"));
  return el("article", { class: "card routine" },
    el("header", {}, el("div", {}, el("h4", {}, card.title),
      el("p", { class: "hint" }, [card.need, card.budget && t("budget", { price: card.budget.text })].filter(Boolean).join(" · "))), budget),
    el("ol", {}, card.steps.map((step, index) => stepRow(step, index, ctx))),
    card.conflict_note && el("p", { class: "notice warn flush" }, icon("warning"), el("span", {}, card.conflict_note)),
    el("footer", {},
      el("p", { class: "routine-total" }, el("span", {}, t("total_items", { n: card.steps.length })), el("strong", { class: "num" }, card.total.text)),
      actions(card, ctx)));
}

function stepRow({ name, product }, index, { t }) {
  return el("li", {},
    el("span", { class: "step-number" }, el("span", { class: "sr" }, t("step", { n: index + 1 })), el("span", { "aria-hidden": "true" }, index + 1)),
    picture(product.image_url, product.title, "picture thumb"),
    el("div", { class: "row-text" },
      el("a", { class: "product-title", href: product.url }, product.title),
      el("p", { class: "hint" }, product.reason || name)),
    el("span", { class: "price" }, product.price?.text ?? ""));
}

function actions(card, ctx) {
  const { t } = ctx;
  const variants = card.steps.map(({ product }) => firstInStock(product)).filter(Boolean);
  const addAll = el("button", { type: "button", class: "button primary large grow", onclick: press }, t("add_all", { n: variants.length }));
  async function press() {
    const fail = (error) => addAll.closest("footer").append(problem(reasonOf(error, t)));
    const acted = await busy(addAll, t("adding"), () => ctx.act("cart_add", { variant_ids: variants, quantity: 1 }), fail);
    if (!acted) return;
    if (acted.error) return void fail(new Error(acted.text));
    addAll.replaceChildren(icon("check", "small"), t("added_all"));
    addAll.setAttribute("aria-disabled", "true");
  }
  const ask = (key, text, name) => el("button", { type: "button", class: "button large", onclick: () => ctx.say(t(text)) }, name && icon(name, "small"), t(key));
  return el("div", { class: "actions" }, variants.length > 0 && addAll, ask("swap", "swap_text", "swap"), ask("cheaper", "cheaper_text"));
}

const firstInStock = (product) => product.variants.find((variant) => variant.in_stock)?.variant_id;
