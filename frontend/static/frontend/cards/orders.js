// An order and how far it has come; a write that waits for the shopper's own yes; a handoff.

import { el, picture } from "../dom.js";
import { day, remaining, timeOfDay } from "../format.js";
import { icon } from "../icons.js";
import { testTag } from "./parts.js";

const ON_ITS_WAY = new Set(["processed"]);

export function orderCard(card, ctx) {
  const { t, tag } = ctx;
  const first = card.lines[0];
  const items = card.lines.reduce((sum, line) => sum + line.quantity, 0);
  const look = ["cancelled", "expired"].includes(card.state) ? "danger" : card.state === "awaiting_payment" ? "warn" : ON_ITS_WAY.has(card.state) ? "info" : "tint";
  return el("article", { class: "card order" },
    el("header", {},
      el("div", {}, el("h4", {}, t("order", { n: card.number })), el("p", { class: "hint num" }, [day(card.placed_at, tag), card.total.text, t("items", { n: items })].join(" · "))),
      testTag(card.is_test, t), el("span", { class: `tag ${look}` }, ON_ITS_WAY.has(card.state) && icon("truck"), card.state_text)),
    orderSteps(card.steps),
    first && el("div", { class: "order-line" },
      picture(first.image_url, first.title, "picture thumb"),
      el("div", { class: "row-text" }, el("span", { class: "product-title" }, [first.title, first.option].filter(Boolean).join(" ")),
        first.when && el("p", { class: "hint num" }, first.when),
        card.tracking.length > 0 && el("p", { class: "hint num" }, card.tracking.join(", "))),
      el("a", { class: "button", href: card.url }, card.tracking.length ? t("track") : t("order_details"))),
    (card.downloads ?? []).map((file) => el("p", { class: "order-file" }, el("a", { class: "button", href: file.url }, icon("document", "small"), t("download", { name: file.name })), el("span", { class: "hint num" }, file.note))));
}

/** Four steps: done filled, now ringed and bold, later empty. */
export function orderSteps(steps) {
  return el("ol", { class: "order-steps" }, steps.map(([name, state]) =>
    el("li", { class: state, "aria-current": state === "now" ? "step" : null }, el("span", { class: "dot" }), el("span", { class: "step-name" }, name))));
}

/** The question, what is touched, what happens to the money; works once, by its own clock. */
export function confirmCard(card, ctx) {
  const { t } = ctx;
  const article = el("article", { class: "card confirm", "aria-label": card.title });
  const foot = el("p", { class: "confirm-foot" });
  const answer = (accept, label, style) => el("button", { type: "button", class: `button large ${style}`, onclick: () => press(accept) }, label);
  const buttons = el("div", { class: "confirm-actions" },
    answer(true, card.confirm_label, card.is_destructive ? "danger" : "primary"), answer(false, card.decline_label, ""));
  const press = (accept) => {
    if (ctx.confirm(card.action_id, accept)) buttons.querySelectorAll("button").forEach((button) => button.setAttribute("aria-disabled", "true"));
    else foot.replaceChildren(icon("warning", "small"), t("error_network"));
  };
  article.append(el("div", { class: "confirm-body" },
    el("header", {}, el("h4", {}, card.title), testTag(card.is_test, t)),
    confirmLines(card, t),
    card.facts.map((fact) => el("p", { class: "fact" }, fact)), buttons), foot);
  watchExpiry(card, ctx, buttons, foot);
  return article;
}

function confirmLines(card, t) {
  if (card.operation !== "order.place" && card.lines.length > 0) return deskLines(card);
  if (card.lines.length === 0) return card.total ? el("p", { class: "price" }, card.total.text) : "";
  const items = card.lines.reduce((sum, line) => sum + line.quantity, 0);
  return el("div", { class: "confirm-lines" }, card.lines.slice(0, 4).map((line) => picture(line.image_url, line.title, "picture thumb")),
    el("span", { class: "num" }, [t("items", { n: items }), card.total?.text].filter(Boolean).join(" · ")),
    card.lines.filter((line) => line.when).map((line) => el("p", { class: "fact line-when" }, `${line.title}: ${line.when}`)));
}

/** Of a placed order each piece is named: what goes, or what becomes of it. The money stands in the facts. */
function deskLines(card) {
  return el("ul", { class: "lines" }, card.lines.map((line) => el("li", { class: "line" }, picture(line.image_url, line.title, "picture thumb"),
    el("div", { class: "line-text" }, el("span", { class: "line-title" }, line.title), line.option && el("span", { class: "line-option" }, line.option)),
    el("span", { class: "price line-price" }, line.total?.text ?? ""))));
}

function watchExpiry(card, ctx, buttons, foot) {
  const { t } = ctx;
  const settle = (text, tone) => {
    buttons.remove();
    foot.className = `confirm-foot ${tone}`;
    foot.replaceChildren(icon(tone === "done" ? "check" : "info", "small"), text);
  };
  const expire = () => {
    settle(t("expired"), "over");
    foot.append(el("button", { type: "button", class: "button", onclick: () => ctx.say(t("ask_again_text", { title: card.title })) }, t("ask_again")));
  };
  let isOpen = true;
  ctx.onConfirmed(foot, card.action_id, (frame) => {
    isOpen = false;
    if (frame.outcome === "expired" || frame.outcome === "changed") expire();
    else settle(t("done_at", { text: frame.text, clock: timeOfDay(frame.at, ctx.tag) }), frame.outcome === "failed" ? "over" : "done");
  });
  ctx.every(foot, () => {
    if (!isOpen) return false;
    const left = ctx.clock.secondsUntil(card.expires_at);
    if (left <= 0) return expire();
    foot.replaceChildren(icon("lock", "small"), el("span", { class: "num" }, t("works_once", { time: remaining(left, t) })));
    return true;
  });
}

/** What the person who takes over can see, so that nothing has to be said twice. */
export function handoffCard(card, { t }) {
  const title = card.person ? t("person_sees", { name: card.person }) : t("team_sees");
  return el("article", { class: "card handoff" }, el("h4", {}, icon("document"), title), el("p", { class: "hint" }, card.summary || t("wait_handoff")));
}
