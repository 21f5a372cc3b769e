// The search page: filters that apply as they are chosen (a sheet on a phone), more products, products to compare.

import { el } from "./dom.js";
import { pageLanguage, words } from "./i18n.js";
import { pageAt, pageData, safeApi } from "./search_data.js";

const PHONE = matchMedia("(max-width: 899px)");
const t = words(pageLanguage());
const byId = (id) => document.getElementById(id);
const form = byId("filter-form");
const sheet = byId("filter-sheet");
const apply = byId("filter-apply");

/** Empty fields stay out of the address. */
function send() {
  for (const field of form.querySelectorAll("input:not([type=checkbox]):not([type=radio])")) field.disabled = !field.value.trim();
  const sort = byId("sort");
  if (sort) sort.disabled = sort.value === "relevance";
  form.submit();
}

let counting = null;
/** On a phone the button says how many there would be, before anything moves. */
async function count() {
  counting?.abort();
  counting = new AbortController();
  const asked = new URLSearchParams({ page_size: "1" });
  const given = new FormData(form);
  for (const [name, value] of given) {
    if (!value || name === "price_min" || name === "price_max" || name === "sort") continue;
    asked.append({ f: "filter", in_stock: "in_stock" }[name] ?? name, value);
  }
  if (given.get("price_min") || given.get("price_max")) return void apply.replaceChildren(t("show_products"));
  try {
    const { total, relaxed } = await safeApi(`products/?${asked}`, counting.signal);
    apply.replaceChildren(t(relaxed.length ? "show_none_fit" : "show_n", { n: total }));
  } catch (error) {
    if (error.name !== "AbortError") apply.replaceChildren(t("show_products"));
  }
}

form?.addEventListener("change", (event) => {
  if (sheet.open) return void count();
  if (event.target.inputMode !== "decimal") send();
});
byId("sort")?.addEventListener("change", send);
form?.addEventListener("submit", (event) => (event.preventDefault(), send()));

byId("filter-open")?.addEventListener("click", (event) => {
  if (!PHONE.matches) return;
  event.preventDefault();
  byId("sheet-body").append(form);
  sheet.showModal();
});
byId("filter-close")?.addEventListener("click", () => sheet.close());
sheet?.addEventListener("click", (event) => event.target === sheet && sheet.close()); // beside the sheet
sheet?.addEventListener("close", () => { byId("filters").append(form); byId("filter-open").focus(); });
PHONE.addEventListener("change", () => sheet?.open && sheet.close());

const grid = byId("found-grid");
byId("more")?.addEventListener("click", async function more(event) {
  event.preventDefault();
  const link = event.currentTarget;
  if (link.getAttribute("aria-disabled")) return;
  link.setAttribute("aria-disabled", "true");
  link.replaceChildren(t("loading_more"));
  try {
    const next = await pageAt(link.href);
    const items = [...next.querySelectorAll("#found-grid > *")].map((item) => document.adoptNode(item));
    grid.append(...items);
    items[0]?.querySelector("a")?.focus({ preventScroll: true });
    drawPicks();
    const following = next.getElementById("more");
    if (following) link.href = following.getAttribute("href");
    else return void link.parentElement.remove();
    link.replaceChildren(t("show_more"));
  } catch {
    link.replaceChildren(t("more_failed"));
  }
  link.removeAttribute("aria-disabled");
});

// --- products to compare: kept while the shopper looks on, at most four
const MOST = 4;
const place = `compare:${pageData().api}`;
const picked = new Map(JSON.parse(sessionStorage.getItem(place) ?? "[]"));
const tray = byId("compare-tray");

function drawPicks() {
  sessionStorage.setItem(place, JSON.stringify([...picked]));
  for (const box of grid.querySelectorAll(".pick input")) box.checked = picked.has(box.value);
  tray.classList.toggle("has-picks", picked.size > 0);
  byId("compare-count").textContent = picked.size ? ` ${picked.size}` : "";
  byId("compare-clear").hidden = picked.size === 0;
  const go = byId("compare-go");
  go.toggleAttribute("aria-disabled", picked.size < 2);
  if (picked.size < 2) go.setAttribute("aria-disabled", "true");
}

grid?.addEventListener("change", ({ target }) => {
  if (!target.matches(".pick input")) return;
  if (target.checked && picked.size >= MOST) {
    target.checked = false;
    byId("compare-status").textContent = t("compare_most", { n: MOST });
    showNote(t("compare_most", { n: MOST }));
    return;
  }
  if (target.checked) picked.set(target.value, target.dataset.title);
  else picked.delete(target.value);
  showNote(picked.size === 1 ? t("compare_one_more") : "");
  byId("compare-status").textContent = t("compare_n", { n: picked.size });
  drawPicks();
});

function showNote(text) {
  tray.querySelector(".tray-note")?.remove();
  if (text) tray.prepend(el("span", { class: "tray-note" }, text));
}

byId("compare-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (picked.size < 2) return showNote(t("compare_one_more"));
  location.assign(`${event.currentTarget.action}?${new URLSearchParams([...picked.keys()].map((slug) => ["p", slug]))}`);
});
byId("compare-clear")?.addEventListener("click", (event) => {
  event.preventDefault();
  picked.clear();
  showNote("");
  drawPicks();
});
if (grid && tray) {
  tray.classList.add("is-live");
  drawPicks();
}

byId("ask-double")?.addEventListener("click", async ({ currentTarget }) => {
  const { ask } = currentTarget.dataset;
  await customElements.whenDefined("shop-assistant");
  const assistant = document.querySelector("shop-assistant");
  assistant.open({ focus: true });
  if (ask) assistant.say(ask);
});
