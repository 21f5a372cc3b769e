// The product page: pictures, options, into the cart.

import { addToCart } from "./buy.js";
import { busy, livePrice, problem, reasonOf } from "./cards/parts.js";
import { el } from "./dom.js";
import { pageLanguage, words } from "./i18n.js";
import { serviceTimes } from "./service_page.js";
import { leaveWaitlist, tellMe, waitsFor } from "./waitlist.js";

const t = words(pageLanguage());
const form = document.getElementById("buy");
const add = document.getElementById("add");
let times = null; // of a service: what was chosen of its free times
const options = [...document.querySelectorAll('.option input[name="variant"]')];

for (const thumb of document.querySelectorAll("[data-picture]")) {
  thumb.addEventListener("click", () => {
    document.getElementById("main-picture").src = thumb.dataset.picture;
    document.querySelectorAll("[data-picture]").forEach((other) => other.removeAttribute("aria-current"));
    thumb.setAttribute("aria-current", "true");
  });
}

function chosen() {
  return options.length ? options.find((option) => option.checked) : form?.querySelector('input[name="variant"]');
}

function draw() {
  if (!add) return;
  const option = times && !times.chosen() ? null : chosen();
  const label = times ? (times.chosen() ? t("book_at", { when: times.chosen().label }) : t("choose_time_first")) : option ? t("add_to_cart") : t("choose_first");
  add.replaceChildren(label);
  add.classList.toggle("primary", Boolean(option));
  if (option) add.removeAttribute("aria-disabled");
  else add.setAttribute("aria-disabled", "true");
  if (option?.dataset.price) showOption(option);
}

function showOption({ dataset }) {
  document.getElementById("price").textContent = dataset.price;
  document.getElementById("was")?.remove();
  document.getElementById("live-price").replaceChildren(livePrice(dataset.liveUntil, t) ?? "");
  if (dataset.was) document.getElementById("price").append(" ", el("span", { class: "was", id: "was" }, el("span", { class: "sr" }, `${t("was")} `), el("s", {}, dataset.was)));
  const left = dataset.available === "" ? null : Number(dataset.available);
  const isFew = left !== null && left <= 5;
  document.getElementById("stock").replaceChildren(el("span", { class: isFew ? "stock few" : "stock" }, isFew ? t("left", { n: left }) : t("in_stock")));
}

const problemPlace = document.getElementById("buy-problem");
times = serviceTimes(t, { onChange: draw, onError: (error) => problemPlace?.replaceChildren(problem(reasonOf(error, t))) });
options.forEach((option) => option.addEventListener("change", draw));
draw();

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const option = chosen();
  if (!add) return;
  const time = times?.chosen();
  if (times && !time) return void document.querySelector(".slot-time, .slot-day")?.focus();
  if (!option) return void options.find((one) => !one.disabled)?.focus();
  const place = document.getElementById("buy-problem");
  place.replaceChildren();
  const cart = await busy(add, t("adding"), () => addToCart(Number(option.value), time ? { quantity: time.people, startsAt: time.starts_at } : {}), (error) => {
    place.append(problem(reasonOf(error, t)));
    if (error.code === "slot_taken") times?.refresh(); // somebody was faster: show what is free now
  });
  if (!cart) return;
  document.getElementById("buy-status").textContent = t("in_cart_now", { title: document.querySelector("h1").textContent });
  document.getElementById("to-cart").hidden = false;
});

const wish = document.getElementById("tell-me");
const note = document.getElementById("tell-me-note");
let isWaiting = false;

function drawWish() {
  wish.replaceChildren(t(isWaiting ? "told_soon" : "tell_me"));
  wish.setAttribute("aria-pressed", String(isWaiting));
}

/** Sold out in every option: the first one on the page stands for the product, unless one was chosen. */
const wished = () => Number((chosen() ?? options[0])?.value);

wish?.addEventListener("click", async () => {
  const before = note.textContent;
  const done = await busy(wish, t("adding"), async () => (isWaiting ? leaveWaitlist(wished()) : { text: await tellMe(wished()) }),
    (error) => { note.textContent = reasonOf(error, t); });
  if (!done) return;
  isWaiting = !isWaiting;
  note.textContent = isWaiting ? done.text : before;
  document.getElementById("buy-status").textContent = t(isWaiting ? "told_soon" : "tell_me");
  drawWish();
});
if (wish) waitsFor().then((variants) => { isWaiting = variants.includes(wished()); drawWish(); }, () => {});
