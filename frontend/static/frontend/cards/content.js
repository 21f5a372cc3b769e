// A moment of the creator's content, and the comparison table.

import { el, picture } from "../dom.js";
import { clock } from "../format.js";
import { icon } from "../icons.js";
import { priceLine, stockText } from "./parts.js";

/** A frame with its second and what is said there. Beside that video it seeks; elsewhere it opens the page at that second. */
export function contentCard(card, ctx) {
  const { t } = ctx;
  const hasTime = card.start_s !== null && card.start_s !== undefined;
  const at = hasTime ? clock(card.start_s) : "";
  const length = hasTime && card.end_s ? card.end_s - card.start_s : 0;
  const second = hasTime
    ? (length ? t("play_from_for", { clock: at, n: length }) : t("play_from", { clock: at }))
    : t(card.content_kind === "video" ? "open_video" : "read_post");
  const open = (event) => {
    if (hasTime && ctx.seek?.(card.slug, card.start_s)) event.preventDefault();
  };
  const frame = picture(card.poster_url, card.title, "picture frame");
  if (hasTime) frame.append(el("span", { class: "frame-time" }, at));
  return el("article", { class: "card content" },
    frame,
    el("div", { class: "row-text" },
      el("h4", { class: "product-title" }, el("a", { class: "stretched", href: card.url, onclick: open }, card.title)),
      card.quote && el("p", { class: "quote" }, card.quote),
      el("p", { class: "hint" }, second)),
    el("span", { class: "play-mark" }, icon(card.content_kind === "video" ? "play" : "next", "small")));
}

/** Two to four products side by side. */
export function comparisonCard(card, ctx) {
  const { t } = ctx;
  const row = (name, cells) => el("tr", {}, el("th", { scope: "row" }, name), cells.map((cell) => el("td", {}, cell)));
  return el("article", { class: "card comparison", tabindex: "0", "aria-label": t("compare") },
    el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, el("span", { class: "sr" }, t("feature"))),
        card.products.map((product) => el("th", { scope: "col" }, picture(product.image_url, product.title, "picture thumb"), el("a", { href: product.url }, product.title))))),
      el("tbody", {},
        row(t("price"), card.products.map((product) => priceLine(product.price, product.was, t))),
        row(t("stock"), card.products.map((product) => stockText(product, t))),
        card.rows.map(([name, values]) => row(name, values)))));
}
