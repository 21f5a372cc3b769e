// Small things of every page: the cart's count, the menu, light and dark, prices for a while.

import { livePrice } from "./cards/parts.js";
import { pageLanguage, words } from "./i18n.js";

const t = words(pageLanguage());
for (const tag of document.querySelectorAll("[data-live-until]:not(input)")) {
  tag.replaceWith(livePrice(tag.dataset.liveUntil, t)); // in the reader's own time, and it says when it is over
}

const count = document.querySelector("[data-cart-count]");

document.addEventListener("shop:cart", (event) => {
  if (!count) return;
  count.textContent = String(event.detail.count);
  count.hidden = event.detail.count === 0;
});

const menu = document.querySelector(".menu");
document.addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu?.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

const choices = [...document.querySelectorAll("[data-theme-choice]")];
function showTheme() {
  const now = document.documentElement.dataset.theme ?? "";
  for (const button of choices) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === now));
}
for (const button of choices) {
  button.addEventListener("click", () => {
    const { themeChoice } = button.dataset;
    if (themeChoice) document.documentElement.dataset.theme = themeChoice;
    else delete document.documentElement.dataset.theme;
    document.cookie = `theme=${themeChoice}; path=/; max-age=${themeChoice ? 31_536_000 : 0}; samesite=lax`;
    showTheme();
  });
}
showTheme();
