// What stands below a product: bought with it, like it. Fetched when it comes near, so the page itself waits for nothing.

import { addToCart } from "./buy.js";
import { busy, problem, reasonOf } from "./cards/parts.js";
import { pageLanguage, words } from "./i18n.js";
import { pageAt } from "./search_data.js";

const NEAR = "600px";
const t = words(pageLanguage());
const place = document.getElementById("beside");

async function fill() {
  try {
    const page = await pageAt(place.dataset.from);
    place.append(...[...page.body.children].map((each) => document.adoptNode(each)));
  } catch {
    return; // a help that is missing needs no words
  }
  document.getElementById("add-bundle")?.addEventListener("click", addAll);
}

async function addAll({ currentTarget }) {
  const variants = currentTarget.dataset.variants.split(",").map(Number);
  const trouble = document.getElementById("bundle-problem");
  trouble.replaceChildren();
  const added = await busy(currentTarget, t("adding"), async () => {
    for (const variant of variants) await addToCart(variant);
    return true;
  }, (error) => trouble.append(problem(reasonOf(error, t))));
  if (!added) return;
  document.getElementById("bundle-status").textContent = t("added_all");
  currentTarget.replaceChildren(t("added_all"));
}

if (place) {
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    fill();
  }, { rootMargin: NEAR });
  watcher.observe(place);
}
