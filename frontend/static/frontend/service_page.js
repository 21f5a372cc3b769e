// The times of a service on its page: a day, a time, how many come; then the page's button puts it into the cart.

import { call, pageData } from "./api.js";
import { picker } from "./cards/slots.js";
import { el } from "./dom.js";

const PEOPLE_MAX = 20;

/** Draw the picker of the page's service. Returns `chosen()` ({starts_at, label, people} or null) and `refresh()`; null without a service. */
export function serviceTimes(t, { onChange, onError }) {
  const place = document.getElementById("slot-picker");
  const { service } = pageData();
  if (!place || !service) return null;
  let chosen = null;
  let people = 1;

  const pick = (at, day) => {
    chosen = { starts_at: at.starts_at, label: `${day} ${at.label}`, people };
    onChange();
  };
  const load = async (from = "") => {
    const query = new URLSearchParams({ seats: String(people), ...(from && { first_day: from }) });
    try {
      draw(await call("GET", `services/${service.product_id}/slots/?${query}`));
    } catch (error) {
      onError(error);
    }
  };
  const draw = (shown) => {
    chosen = null;
    const choose = (at, button) => {
      place.querySelectorAll(".slot-time").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      pick(at, place.querySelector('.slot-day[aria-checked="true"] span')?.textContent ?? "");
    };
    place.replaceChildren(service.is_shared ? peopleChoice() : "", picker(shown, { t, choose, later: (day) => load(day) }));
    onChange();
  };
  const peopleChoice = () => {
    const select = el("select", { class: "select", id: "people", onchange: () => { people = Number(select.value); load(); } },
      Array.from({ length: PEOPLE_MAX }, (_, index) => el("option", { value: String(index + 1), selected: index + 1 === people }, index + 1)));
    return el("p", { class: "people" }, el("label", { for: "people" }, t("people")), select);
  };
  draw(service);
  return { chosen: () => chosen, refresh: () => load(), isEmpty: () => service.days.length === 0 };
}
