// The search field of every page: completions as a combobox (ARIA authoring practices, list autocomplete).

import { pageData, safeApi } from "./search_data.js";
import { el, picture } from "./dom.js";
import { icon } from "./icons.js";
import { pageLanguage, words } from "./i18n.js";
import { forget, recent, remember } from "./search_recent.js";

const PAUSE_MS = 140; // after the last letter; a person types one each 200 ms
const KEPT = 40; // answers kept for going back and forth
const t = words(pageLanguage());
const form = document.getElementById("search-box");
const input = document.getElementById("search-input");
const panel = document.getElementById("search-suggest");
const list = document.getElementById("search-list");
const status = document.getElementById("search-status");
const shop = form?.dataset.shop;
const answers = new Map();
let options = [];
let active = -1;
let timer = 0;
let asked = null; // the request under way: a later one ends it
let isComposing = false;

const searchUrl = (parameters) => `${form.action}?${new URLSearchParams(parameters)}`;

function option(href, children, kind, value = "") {
  const element = el("a", { class: `option ${kind}`, href, role: "option", tabindex: "-1", "aria-selected": "false" }, ...children);
  element.id = `search-option-${options.length}`;
  element.dataset.fill = value;
  options.push(element);
  return element;
}

function group(title, children) {
  if (!children.length) return null;
  const id = `search-group-${title}`;
  const heading = el("p", { class: "suggest-title", role: "presentation" }, t(title));
  heading.id = id;
  return el("div", { role: "group", "aria-labelledby": id }, heading, ...children);
}

const query = (text, kind) => option(searchUrl({ q: text }), [icon(kind === "recent" ? "clock" : "search", "small"), el("span", {}, text)], "query", text);

function product(found) {
  const price = found.price ? (found.price_varies ? t("from_price", { price: found.price.text }) : found.price.text) : "";
  const image = picture(found.image_url, found.title);
  image.setAttribute("aria-hidden", "true"); // without a picture it holds an initial, which is nothing to read out
  return option(`${form.dataset.products}${encodeURIComponent(found.slug)}/`, [
    image, el("span", { class: "option-text" }, el("span", { class: "option-title" }, found.title),
      el("span", { class: "option-price num" }, price, found.stock === "sold_out" ? el("span", { class: "stock out" }, ` ${t("sold_out")}`) : "")),
  ], "product", found.title);
}

function draw(typed, found) {
  options = [];
  active = -1;
  const own = recent(shop).filter((text) => !typed || text.toLowerCase().startsWith(typed.toLowerCase())).slice(0, typed ? 2 : 6);
  const others = found.queries.filter((text) => !own.includes(text));
  const groups = [
    group("searches", [...own.map((text) => query(text, "recent")), ...others.map((text) => query(text, "popular"))]),
    group("products", found.products.map(product)),
    group("categories_title", found.categories.map(({ path, name }) => option(searchUrl({ category: path }), [el("span", {}, name)], "name", name))),
    group("brands_title", found.brands.map((brand) => option(searchUrl({ brand }), [el("span", {}, brand)], "name", brand))),
  ].filter(Boolean);
  list.replaceChildren(...groups);
  panel.querySelector(".suggest-forget")?.remove();
  if (!typed && own.length) panel.append(el("button", { type: "button", class: "suggest-forget", onclick: () => (forget(shop), close(), input.focus()) }, t("forget_searches")));
  show(options.length > 0);
  status.textContent = options.length ? t("suggestions_n", { n: options.length }) : "";
}

function show(isOpen) {
  panel.hidden = !isOpen;
  input.setAttribute("aria-expanded", String(isOpen));
  if (!isOpen) input.removeAttribute("aria-activedescendant");
}

function close() {
  asked?.abort();
  clearTimeout(timer);
  active = -1;
  show(false);
}

function point(place) {
  options[active]?.setAttribute("aria-selected", "false");
  active = place;
  const element = options[active];
  if (!element) return void input.removeAttribute("aria-activedescendant");
  element.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", element.id);
  element.scrollIntoView({ block: "nearest" });
}

async function ask() {
  const typed = input.value.trim();
  asked?.abort();
  asked = new AbortController();
  const mine = asked;
  try {
    const found = answers.get(typed) ?? await safeApi(`suggestions/?${new URLSearchParams({ q: typed, limit: typed ? "5" : "4" })}`, mine.signal);
    if (mine !== asked || document.activeElement !== input || isComposing) return; // what was asked before is stale
    answers.set(typed, found);
    if (answers.size > KEPT) answers.delete(answers.keys().next().value);
    draw(typed, found);
  } catch (error) {
    if (error.name !== "AbortError" && mine === asked) close(); // completions are a help: without them the field still searches
  }
}

function soon() {
  clearTimeout(timer);
  asked?.abort();
  // Half a syllable of Chinese is no word: ask when it is composed.
  if (!isComposing) timer = setTimeout(ask, PAUSE_MS);
}

function onKey(event) {
  if (event.isComposing || isComposing) return;
  const isOpen = !panel.hidden;
  if (event.key === "Escape" && isOpen) {
    event.preventDefault();
    close();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && (isOpen || event.key === "ArrowDown")) {
    event.preventDefault();
    if (!isOpen) return void ask();
    const step = event.key === "ArrowDown" ? 1 : -1;
    const places = options.length + 1; // one is the field itself
    point(((active + 1 + step + places) % places) - 1);
  } else if (event.key === "Enter" && isOpen && active >= 0) {
    event.preventDefault();
    options[active].click();
  } else if (event.key === "Tab") close();
}

if (form) {
  input.addEventListener("compositionstart", () => { isComposing = true; clearTimeout(timer); asked?.abort(); });
  input.addEventListener("compositionend", () => { isComposing = false; soon(); });
  input.addEventListener("input", soon);
  input.addEventListener("focus", () => !input.value.trim() && ask());
  input.addEventListener("keydown", onKey);
  form.addEventListener("submit", (event) => {
    const typed = input.value.trim();
    if (!typed) return void event.preventDefault();
    remember(shop, typed);
    close();
  });
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest(".option.query");
    if (chosen) remember(shop, chosen.dataset.fill);
  });
  panel.addEventListener("pointerdown", (event) => event.target.closest("[role=option], button") && event.preventDefault()); // the field keeps the focus
  document.addEventListener("pointerdown", (event) => !form.contains(event.target) && close());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.composedPath()[0].closest?.("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    input.focus();
  });
  if (pageData().searched) remember(shop, pageData().searched);
}
