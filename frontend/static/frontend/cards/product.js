// A product: picture, price, stock, the reason in the shopper's own words, and what can be done; full card and row.

import { append, el, picture, widePicture } from "../dom.js";
import { icon } from "../icons.js";
import { busy, livePrice, priceLine, problem, reasonOf, stepper, stockText } from "./parts.js";
import { slotsCard } from "./slots.js";

/** The card with the large picture, as in a carousel. */
export function productCard(card, ctx, { primary = false } = {}) {
  const article = el("article", { class: "card product", "data-product": String(card.product_id) });
  const foot = el("div", { class: "product-foot" });
  append(article, [
    el("a", { class: "product-picture", href: card.url, "aria-hidden": "true", tabindex: "-1" }, widePicture(card.image_url, card.title)),
    el("div", { class: "product-body" },
      el("h4", { class: "product-title" }, el("a", { href: card.url }, card.title)),
      el("div", { class: "product-price" }, priceLine(card.price, card.was, ctx.t, { varies: card.price_varies }), livePrice(card.live_until, ctx.t, () => usualPrice(article, card, ctx)), stockOrLength(card, ctx.t)),
      card.reason && el("p", { class: "reason" }, card.reason),
      foot),
  ]);
  attachAction(foot, card, ctx, { primary, wide: true, label: ctx.t("add_to_cart") });
  return article;
}

/** The compact row, as beside a video and in a live answer. */
export function productRow(card, ctx) {
  const action = el("div", { class: "row-action" });
  const row = el("article", { class: "card product-row", "data-product": String(card.product_id) },
    picture(card.image_url, card.title, "picture thumb"),
    el("div", { class: "row-text" },
      el("h4", { class: "product-title" }, el("a", { href: card.url }, card.title)),
      card.reason && el("p", { class: "row-reason" }, card.reason),
      el("p", { class: "row-price" }, priceLine(card.price, card.was, ctx.t, { varies: card.price_varies }), " ", livePrice(card.live_until, ctx.t, () => usualPrice(row, card, ctx)), " ", stockOrLength(card, ctx.t))),
    action);
  attachAction(action, card, ctx, { label: ctx.t("add") });
  return row;
}

/** A service is never in stock: it takes its time. */
const stockOrLength = (card, t) => (card.minutes > 0 ? el("span", { class: "stock" }, t("minutes", { n: card.minutes })) : stockText(card, t));

/** The live price is over: the usual one stands there again. */
function usualPrice(place, card, { t }) {
  queueMicrotask(() => card.was && place.querySelector(".price")?.replaceWith(priceLine(card.was, null, t, { varies: card.price_varies })));
}

/** Several products beside each other: scrolls by finger, arrows and arrow keys; the next card peeks in. */
export function carousel(cards, ctx) {
  const list = el("ul", { class: "carousel-track", tabindex: "0", "aria-label": ctx.t("products"), role: "list" },
    cards.map((card) => el("li", {}, productCard(card, ctx))));
  const move = (by) => list.scrollBy({ left: by * list.clientWidth * 0.8 });
  const arrow = (by, name, label) => el("button", { type: "button", class: `carousel-arrow ${name}`, "aria-label": label, onclick: () => move(by) }, icon(name));
  const back = arrow(-1, "back", ctx.t("previous"));
  const next = arrow(1, "next", ctx.t("next"));
  const update = () => {
    back.hidden = list.scrollLeft < 4;
    next.hidden = list.scrollLeft + list.clientWidth > list.scrollWidth - 4;
  };
  list.addEventListener("scroll", update, { passive: true });
  list.addEventListener("keydown", (event) => {
    if (event.target !== list) return;
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      event.preventDefault();
      move(event.key === "ArrowRight" ? 1 : -1);
    }
  });
  new ResizeObserver(update).observe(list);
  return el("div", { class: "carousel" }, list, back, next);
}

/** Put the right control into `slot`, and keep it true while the cart changes. */
function attachAction(slot, card, ctx, options) {
  const draw = () => slot.replaceChildren(...controls(card, ctx, options, draw));
  ctx.onQuantities(slot, draw);
  draw();
}

function controls(card, ctx, options, draw) {
  const { t } = ctx;
  const style = `button${options.primary ? " primary" : ""}${options.wide ? " wide" : ""}`;
  if (card.stock === "external") return [el("a", { class: style, href: card.url, rel: "noopener" }, t("visit_shop"))];
  if (card.stock === "sold_out" && card.variants.length) return [tellMeButton(card, ctx, style)];
  if (["not_for_sale", "sold_out"].includes(card.stock) || !card.price) return [el("a", { class: style, href: card.url }, t("details"))];
  if (card.minutes > 0 && card.variants.length) return [chooseTimeButton(card, ctx, style)];
  if (card.variants.length > 1) return chooseThenAdd(card, ctx, style, options);
  const variant = card.variants[0];
  if (!variant) return [el("a", { class: style, href: card.url }, t("details"))];
  const quantity = ctx.quantities().get(variant.variant_id) ?? 0;
  if (quantity > 0) return [stepper(quantity, card.title, t, (next) => setQuantity(variant, next, ctx, slotProblem(draw)))];
  return [addButton(variant, card, ctx, style, options.label)];
}

function addButton(variant, card, ctx, style, label) {
  const button = el("button", { type: "button", class: style, onclick: () => add(button, variant, card, ctx) }, label);
  return button;
}

/** A service has times: they open below the card, or below the carousel it stands in. */
function chooseTimeButton(card, ctx, style) {
  const button = el("button", { type: "button", class: style, onclick: async () => {
    const show = (text) => button.parentElement?.append(problem(text));
    const acted = await busy(button, ctx.t("loading"), () => ctx.act("slots", { variant_id: card.variants[0].variant_id }), (error) => show(reasonOf(error, ctx.t)));
    if (!acted) return;
    const slots = acted.cards.find((other) => other.kind === "slots");
    if (acted.error || !slots) return void show(acted.text || ctx.t("error_generic"));
    const place = button.closest(".carousel") ?? button.closest(".card");
    if (place.nextElementSibling?.matches(".card.slots")) place.nextElementSibling.remove();
    place.after(slotsCard(slots, ctx));
  } }, ctx.t("choose_time"));
  return button;
}

/** Sold out: one message when it is back. Several options: the product's page asks which. */
function tellMeButton(card, ctx, style) {
  if (card.variants.length > 1) return el("a", { class: style, href: card.url }, ctx.t("tell_me"));
  const button = el("button", { type: "button", class: style, onclick: async () => {
    const show = (text) => button.parentElement?.append(problem(text));
    const acted = await busy(button, ctx.t("adding"), () => ctx.act("tell_me", { variant_id: card.variants[0].variant_id }), (error) => show(reasonOf(error, ctx.t)));
    if (!acted) return;
    if (acted.error) return void show(acted.text || ctx.t("error_generic"));
    button.replaceWith(el("p", { class: "hint", role: "status" }, `${ctx.t("told_soon")} ${acted.text}`));
  } }, ctx.t("tell_me"));
  return button;
}

async function add(button, variant, card, ctx) {
  const show = (text) => button.parentElement?.append(problem(text));
  const acted = await busy(button, ctx.t("adding"), () =>
    ctx.act("cart_add", { variant_id: variant.variant_id, quantity: 1, link_id: card.link_id }), (error) => show(reasonOf(error, ctx.t)));
  if (!acted) return;
  if (!acted.error) return void ctx.announce(ctx.t("in_cart_now", { title: card.title }));
  const fresh = acted.cards.find((other) => other.kind === "product" && other.product_id === card.product_id);
  if (fresh?.price && fresh.price.minor !== variant.price?.minor) return void offerNewPrice(button, fresh, ctx);
  show(acted.text || ctx.t("error_generic"));
}

/** The price moved between the card and the press: say both, and ask again at the new one. */
function offerNewPrice(button, fresh, ctx) {
  const line = button.closest(".card").querySelector(".price");
  const old = line.firstChild.textContent.trim();
  line.replaceChildren(fresh.price.text);
  const stock = button.closest(".card").querySelector(".stock");
  stock?.replaceChildren(ctx.t("was_price", { price: old }));
  button.replaceChildren(ctx.t("add_at", { price: fresh.price.text }));
}

function chooseThenAdd(card, ctx, style, options) {
  const { t } = ctx;
  const select = el("select", { class: "select", "aria-label": t("option_of", { title: card.title }) },
    el("option", { value: "" }, t("option")),
    card.variants.map((variant) => el("option", { value: String(variant.variant_id), disabled: !variant.in_stock },
      variant.in_stock ? `${variant.label} · ${variant.price?.text ?? ""}` : `${variant.label} · ${t("sold_out")}`)));
  const place = el("div", { class: "choose-action" });
  const draw = () => {
    const chosen = card.variants.find((variant) => String(variant.variant_id) === select.value);
    if (!chosen) return place.replaceChildren(el("button", { type: "button", class: style, "aria-disabled": "true", onclick: () => select.focus() }, t("choose_first")));
    const quantity = ctx.quantities().get(chosen.variant_id) ?? 0;
    place.replaceChildren(quantity > 0
      ? stepper(quantity, card.title, t, (next) => setQuantity(chosen, next, ctx, slotProblem(draw)))
      : addButton(chosen, card, ctx, style, options.label));
  };
  select.addEventListener("change", draw);
  ctx.onQuantities(place, draw);
  draw();
  return [select, place];
}

async function setQuantity(variant, quantity, ctx, onError) {
  try {
    const acted = await ctx.act("cart_set", { variant_id: variant.variant_id, quantity });
    if (acted.error) onError(acted.text);
  } catch (error) {
    onError(reasonOf(error, ctx.t));
  }
}

const slotProblem = (draw) => () => draw();
