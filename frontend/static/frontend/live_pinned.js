// What is on the table: the pinned product with its countdown by the server's clock, and what was there earlier.

import { addToCart } from "./buy.js";
import { busy, priceLine, problem, reasonOf, stockText } from "./cards/parts.js";
import { every } from "./card_context.js";
import { el, picture } from "./dom.js";
import { clock, countdown, remaining } from "./format.js";
import { icon } from "./icons.js";

const URGENT_S = 10;

/** Draw the pinned product into `place`. `look`: t, host, clock, announce, linkTo(productId) for the viewer's own tracked link. */
export function drawPinned(place, pin, look) {
  if (!pin) {
    delete place.dataset.product;
    place.replaceChildren();
    return;
  }
  const { t } = look;
  const { product } = pin;
  const isNew = place.dataset.product !== String(product.product_id);
  place.dataset.product = String(product.product_id);
  const ends = el("span", { class: "tag warn" });
  const endsAt = product.live_until || pin.ends_at;
  const price = el("p", { class: "pinned-price" });
  const drawPrice = (isOver) => price.replaceChildren(
    isOver && product.was ? priceLine(product.was, null, t) : priceLine(product.price, product.was, t, { varies: product.price_varies }), " ", stockText(product, t));
  drawPrice(false);
  place.replaceChildren(el("div", { class: "pinned-body" },
    picture(product.image_url, product.title),
    el("div", { class: "pinned-text" },
      el("div", { class: "pinned-tags" }, el("span", { class: "tag tint" }, icon("pin"), t("showing", { name: look.host })), endsAt && ends),
      el("a", { class: "pinned-title", href: product.url }, product.title), price),
    actions(product, place, look)));
  place.firstChild.dataset.product = String(product.product_id);
  if (endsAt) countDown(ends, endsAt, Boolean(product.live_until), look, drawPrice, isNew);
}

/** The digits change, nothing else; spoken at the start, at one minute and at the end. */
function countDown(tag, endsAt, isPrice, { t, clock: server, announce }, drawPrice, isNew) {
  const left = () => server.secondsUntil(endsAt);
  const words = isPrice
    ? { begun: "live_price_begun", ends: "live_price_ends", ended: "live_price_ended", soon: "live_price_soon" }
    : { begun: "started_offer", ends: "price_ends", ended: "price_ended", soon: "ending_soon" };
  if (isNew && left() > 60) announce(t(words.begun, { time: remaining(left(), t) }));
  let hasWarned = left() <= 60;
  every(tag, () => {
    const seconds = left();
    if (seconds <= 0) {
      tag.className = "tag";
      tag.replaceChildren(icon("clock"), t(words.ended));
      drawPrice(isPrice);
      announce(t(words.ended));
      return false;
    }
    if (!hasWarned && seconds <= 60) {
      hasWarned = true;
      announce(t(words.soon));
    }
    tag.className = seconds < URGENT_S ? "tag danger" : "tag warn";
    tag.replaceChildren(icon("clock"), t(words.ends, { clock: countdown(seconds) }));
    return true;
  });
}

function actions(product, place, { t, announce, linkTo }) {
  const details = el("a", { class: "button details", href: product.url }, t("details"));
  if (product.stock === "external") return el("div", { class: "pinned-actions" }, el("a", { class: "button primary", href: product.url, rel: "noopener" }, t("visit_shop")));
  if (!["in_stock", "few_left"].includes(product.stock)) return el("div", { class: "pinned-actions" }, details);
  const variants = product.variants.filter((variant) => variant.in_stock && variant.price);
  const choice = variants.length > 1 && el("select", { class: "select", "aria-label": t("option_of", { title: product.title }) },
    variants.map((variant) => el("option", { value: String(variant.variant_id) }, variant.label)));
  const add = el("button", { type: "button", class: "button primary", onclick: press }, t(matchMedia("(max-width: 899px)").matches ? "add" : "add_to_cart"));
  async function press() {
    const variant = choice ? Number(choice.value) : variants[0]?.variant_id;
    const done = await busy(add, t("adding"), async () => addToCart(variant, { linkId: await linkTo(product.product_id) }), (error) => place.append(problem(reasonOf(error, t))));
    if (done) {
      announce(t("in_cart_now", { title: product.title }));
      add.replaceChildren(icon("check", "small"), t("added_all"));
    }
  }
  return el("div", { class: "pinned-actions" }, choice, add, details);
}

/** The products that were on the table before, the latest first. */
export function drawEarlier(place, pins, { t }) {
  place.hidden = pins.length === 0;
  place.replaceChildren(el("h2", {}, t("earlier")), el("ul", {}, pins.slice(0, 6).map(({ product, room_second }) =>
    el("li", { "data-product": String(product.product_id) }, el("a", { href: product.url }, picture(product.image_url, product.title, "picture thumb"),
      el("span", {}, product.title, el("small", {}, product.stock === "sold_out" ? stockText(product, t) : product.price?.text ?? "", room_second ? ` · ${clock(room_second)}` : "")))))));
}
