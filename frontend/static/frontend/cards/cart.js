// The cart in the conversation, the address form and the payment link.

import { clientId, el } from "../dom.js";
import { remaining } from "../format.js";
import { icon } from "../icons.js";
import { amounts, busy, lineRow, problem, reasonOf, stepper, testTag } from "./parts.js";

export function cartCard(card, ctx) {
  const article = el("article", { class: "card cart" });
  const draw = (shown) => article.replaceChildren(...cartParts(shown, ctx, draw));
  ctx.onCart?.(article, draw);
  draw(card);
  return article;
}

function cartParts(card, ctx, draw) {
  const { t } = ctx;
  if (card.lines.length === 0) return [el("h4", {}, t("your_cart")), el("p", { class: "hint" }, t("cart_empty"))];
  const change = async (line, quantity) => {
    try {
      const acted = await ctx.act("cart_set", { variant_id: line.variant_id, quantity });
      const fresh = acted.cards.find((other) => other.kind === "cart");
      if (fresh) draw(acted.error ? { ...fresh, problems: [acted.text, ...fresh.problems] } : fresh);
    } catch (error) {
      draw({ ...card, problems: [reasonOf(error, t)] });
    }
  };
  const checkout = el("button", { type: "button", class: "button primary large wide", onclick: () => startCheckout(checkout, ctx) }, t("checkout"));
  return [
    el("header", {}, el("h4", {}, t("your_cart")), el("span", { class: "hint" }, t("cart_items", { n: card.count })), testTag(card.is_test, t)),
    el("ul", { class: "lines" }, card.lines.map((line) => lineRow(line, stepper(line.quantity, line.title, t, (next) => change(line, next))))),
    card.problems.map((text) => el("p", { class: "notice warn" }, icon("warning"), el("span", {}, text))),
    (card.codes ?? []).filter((code) => code.problem).map((code) => el("p", { class: "notice warn" }, icon("warning"), el("span", {}, `${code.code}: ${code.problem}`))),
    amounts([
      [t("subtotal"), card.subtotal.text],
      ...(card.discounts ?? []).map((each) => [each.name, `−${each.amount.text}`]),
      [card.delivery_name || t("delivery"), card.delivery ? amountOrFree(card.delivery, t) : null, t("delivery_later")],
      [t("tax"), card.tax?.minor ? card.tax.text : null],
      ...(card.taxes_included ?? []).map((each) => [t("tax_in_prices", { name: each.name }), each.amount.text]),
      [t("total"), card.total.text],
    ]),
    checkout,
    reminding(card, ctx, draw) ?? [],
  ].flat();
}

/** One quiet button under the checkout: what it agrees to stands beside it, before it is pressed. */
function reminding(card, ctx, draw) {
  if (!card.reminder) return null;
  const { t } = ctx;
  const label = t(card.is_reminded ? "remind_stop" : "remind_me");
  const fail = (error) => button.after(problem(reasonOf(error, t)));
  const press = async () => {
    const acted = await busy(button, label, () => ctx.act("remind", { quantity: card.is_reminded ? 0 : 1 }), fail);
    const fresh = acted?.cards.find((other) => other.kind === "cart");
    if (fresh) draw(fresh);
  };
  const button = el("button", { type: "button", class: "button wide", "aria-pressed": String(card.is_reminded), onclick: press }, label);
  return el("div", { class: "reminding" }, el("p", { class: "hint" }, card.is_reminded ? t("remind_on") : card.reminder), button);
}

async function startCheckout(button, ctx) {
  const acted = await busy(button, ctx.t("checkout"), () => ctx.act("checkout"), (error) => button.after(problem(reasonOf(error, ctx.t))));
  if (acted?.error) button.after(problem(acted.text || ctx.t("error_generic")));
}

export const amountOrFree = (price, t) => (price.minor === 0 ? t("free") : price.text);

const ADDRESS_FIELDS = [
  ["recipient", "name", true], ["email", "email", true], ["phone", "tel", false], ["country", "country", true], ["postal_code", "postal-code", false],
  ["city", "address-level2", true], ["state", "address-level1", false], ["line1", "address-line1", true], ["line2", "address-line2", false],
];

/** The delivery address: errors stand beside their field and say what to do. */
export function addressCard(card, ctx) {
  const { t } = ctx;
  const form = el("form", { class: "card address", noValidate: true, "aria-label": t("address_title") });
  const prefix = clientId().slice(0, 8);
  const button = el("button", { type: "submit", class: "button primary large wide" }, t("address_send"));
  // Of a placed order only the place can change: who gets it, and the receipt, stay.
  const fields = card.order_number ? ADDRESS_FIELDS.filter(([name]) => !["recipient", "email", "phone"].includes(name)) : ADDRESS_FIELDS;
  const kept = card.order_number ? { recipient: card.values.recipient ?? "", phone: card.values.phone ?? "", order_number: card.order_number } : {};
  form.append(el("h4", {}, card.order_number ? t("address_title_order", { n: card.order_number }) : t("address_title")), el("div", { class: "address-fields" }, fields.map((field) => addressField(field, card, prefix, t))), button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.querySelectorAll(".error, .notice").forEach((line) => line.remove());
    if (!checkRequired(form, t)) return;
    const fail = (error) => (error.field && form.elements[error.field] ? fieldError(form.elements[error.field], error.message) : button.after(problem(reasonOf(error, t))));
    const acted = await busy(button, t("sending"), () => ctx.sendAddress({ ...kept, ...Object.fromEntries(new FormData(form)) }), fail);
    if (acted?.error) return void button.after(problem(acted.text));
    if (acted) form.replaceChildren(el("p", { class: "result" }, icon("check", "small"), card.order_number ? t("address_taken") : t("address_saved")));
  });
  return form;
}

function addressField([name, autocomplete, isNeeded], card, prefix, t) {
  const id = `${prefix}-${name}`;
  const control = name === "country" && card.countries.length
    ? el("select", { id, name, autocomplete }, card.countries.map(([code, label]) => el("option", { value: code, selected: code === card.values.country }, label)))
    : el("input", { id, name, autocomplete, type: { email: "email", phone: "tel" }[name] ?? "text", value: card.values[name] ?? "", required: isNeeded });
  return el("div", { class: `field ${name}` },
    el("label", { for: id }, t(name), !isNeeded && el("span", { class: "optional" }, ` ${t("optional")}`)), control);
}

function checkRequired(form, t) {
  const empty = [...form.querySelectorAll("[required]")].filter((control) => !control.value.trim());
  empty.forEach((control) => fieldError(control, t("required", { field: t(control.name) })));
  empty[0]?.focus();
  return empty.length === 0;
}

/** Mark a field and say what is wrong below it. */
export function fieldError(control, text) {
  const id = `${control.id}-error`;
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", id);
  const line = el("p", { class: "error", role: "alert" }, icon("info", "small"), text);
  line.id = id;
  control.parentElement.append(line);
  control.addEventListener("input", () => (control.removeAttribute("aria-invalid"), line.remove()), { once: true });
}

/** The placed order and the way to pay it, while its stock is held. */
export function checkoutCard(card, ctx) {
  const { t } = ctx;
  const held = el("p", { class: "held" });
  const pay = el("a", { class: "button primary large wide", href: card.pay_url }, t("pay", { price: card.total.text }));
  ctx.every(held, () => {
    const left = ctx.clock.secondsUntil(card.expires_at);
    held.replaceChildren(icon(left > 0 ? "lock" : "clock", "small"), left > 0 ? t("order_held", { time: remaining(left, t) }) : t("hold_over"));
    if (left > 0) return true;
    pay.hidden = true;
    return false;
  });
  return el("article", { class: "card checkout" },
    el("header", {}, el("h4", {}, t("order", { n: card.order_number })), testTag(card.is_test, t)),
    el("ul", { class: "lines" }, card.lines.map((line) => lineRow(line, el("span", { class: "line-option" }, `× ${line.quantity}`)))),
    amounts([
      [t("subtotal"), card.subtotal.text],
      [t("discount"), card.discount?.minor ? `−${card.discount.text}` : null],
      [card.delivery_name || t("delivery"), amountOrFree(card.delivery, t)],
      [t("tax"), card.tax?.minor ? card.tax.text : null],
      [t("total"), card.total.text],
    ]),
    pay, held);
}
