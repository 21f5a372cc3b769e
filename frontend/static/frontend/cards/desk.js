// The forms of the order desk: which pieces of an order are meant, and who asks.

import { clientId, el, picture } from "../dom.js";
import { icon } from "../icons.js";
import { busy, problem, reasonOf } from "./parts.js";

/** The pieces of an order to tick; what was chosen is said as the shopper's own message. */
export function itemsCard(card, ctx) {
  const { t } = ctx;
  const form = el("form", { class: "card items", noValidate: true, "aria-label": card.title });
  const prefix = clientId().slice(0, 8);
  const button = el("button", { type: "submit", class: "button primary large wide" }, card.submit_label);
  const rows = card.units.map((unit, index) => unitRow(unit, card, `${prefix}-${index}`, t));
  form.append(el("h4", {}, card.title), el("ul", { class: "units" }, rows.map((row) => row.element)), button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector(".notice")?.remove();
    const chosen = rows.filter((row) => row.isChosen());
    if (chosen.length === 0) return void button.after(problem(t("choose_items")));
    if (chosen.some((row) => row.needsVariant())) return void button.after(problem(t("choose_first")));
    ctx.say(`${card.says} ${chosen.map((row) => row.words()).join("; ")}`);
    button.remove();
    form.querySelectorAll("input, select").forEach((control) => (control.disabled = true));
    form.append(el("p", { class: "result" }, icon("check", "small"), t("items_chosen")));
  });
  return form;
}

function unitRow(unit, card, id, t) {
  const tick = el("input", { type: "checkbox", id, checked: card.units.length === 1 });
  const name = [unit.title, unit.option].filter(Boolean).join(" · ");
  const wantsVariant = card.act !== "return";
  const select = wantsVariant && unit.choices.length > 0 && el("select", { class: "select", "aria-label": t("option_of", { title: name }), onchange: () => (tick.checked = true) },
    el("option", { value: "" }, t("choose_first")),
    unit.choices.map((choice) => el("option", { value: choice.sku, disabled: !choice.in_stock }, [choice.label, choice.in_stock ? choice.price?.text : t("sold_out")].filter(Boolean).join(" · "))));
  if (wantsVariant && !select) tick.disabled = true;
  const element = el("li", { class: "unit" }, tick,
    el("label", { for: id }, picture(unit.image_url, unit.title, "picture thumb"),
      el("span", { class: "line-text" }, el("span", { class: "line-title" }, unit.title), el("span", { class: "line-option" }, unit.option),
        wantsVariant && !select && el("span", { class: "line-option" }, t("no_other_option"))),
      el("span", { class: "price line-price" }, unit.paid.text)), select);
  const label = () => unit.choices.find((choice) => choice.sku === select.value)?.label;
  return {
    element,
    isChosen: () => tick.checked,
    needsVariant: () => Boolean(select) && !select.value,
    words: () => `${name} (${unit.sku})${select ? ` → ${label()} (${select.value})` : ""}`,
  };
}

/** The address, then the code that came to it. Neither is said in the conversation: no model reads them. */
export function signInCard(card, ctx) {
  const { t } = ctx;
  const id = clientId().slice(0, 8);
  const email = el("input", { id: `${id}-email`, name: "email", type: "email", autocomplete: "email", required: true });
  const form = el("form", { class: "card sign-in", noValidate: true, "aria-label": t("sign_in") });
  const title = el("h4", {}, icon("lock"), t("sign_in"));
  const field = (control, label) => el("div", { class: "field" }, el("label", { for: control.id }, label), control);
  const send = el("button", { type: "submit", class: "button primary large wide" }, t("sign_in_send"));
  const fail = (button) => (error) => button.after(problem(reasonOf(error, t)));
  const askCode = async () => {
    if (!email.value.trim()) return void send.after(problem(t("required", { field: t("sign_in_email") })));
    const asked = await busy(send, t("sending"), () => ctx.askSignInCode(email.value), fail(send));
    if (asked) showCode(asked.text);
  };
  const showCode = (text) => {
    const code = el("input", { id: `${id}-code`, name: "code", type: "text", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 12, required: true });
    const check = el("button", { type: "submit", class: "button primary large wide" }, t("sign_in_check"));
    const again = el("button", { type: "button", class: "link", onclick: start }, t("sign_in_other"));
    form.onsubmit = guarded(async () => {
      const signed = await busy(check, t("sending"), () => ctx.signIn(email.value, code.value), fail(check));
      if (!signed) return;
      form.replaceChildren(el("p", { class: "result" }, icon("check", "small"), signed.text));
      if (card.again) ctx.say(card.again);
    });
    form.replaceChildren(title, el("p", { class: "hint", role: "status" }, text), field(code, t("sign_in_code")), check, again);
    code.focus();
  };
  const guarded = (work) => (event) => {
    event.preventDefault();
    form.querySelector(".notice")?.remove();
    work();
  };
  const start = () => {
    form.onsubmit = guarded(askCode);
    form.replaceChildren(title, field(email, t("sign_in_email")), send);
  };
  start();
  return form;
}
