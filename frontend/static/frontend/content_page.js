// The content page: player, transcript, products and the double keep to the same second.

import { call, pageData } from "./api.js";
import { clientId, el, picture } from "./dom.js";
import { clock } from "./format.js";
import { pageLanguage, words } from "./i18n.js";
import { Player } from "./player.js";
import { wireTabs } from "./tabs.js";

const t = words(pageLanguage());
const { content } = pageData();
const assistant = document.querySelector("shop-assistant");
const stage = document.getElementById("stage");
const beside = document.getElementById("beside");
const lines = [...document.querySelectorAll("#transcript button")];
const shown = [...document.querySelectorAll("#shown li")];
const follows = { second: 0, line: null, product: -1 };

// One view per page opened by a person's browser: crawlers and link previews run no scripts.
call("POST", "content-views/", { content: content.slug, view_id: clientId() }).catch(() => {});

wireTabs(document.querySelector(".tabs"), (tab) => {
  for (const panel of document.querySelectorAll(".panel")) panel.toggleAttribute("data-active", panel.id === tab.getAttribute("aria-controls"));
});

const player = stage
  ? new Player({
      stage, t, title: document.querySelector("h1").textContent, poster: stage.dataset.poster, embed: content.embed,
      duration: content.duration, lines: content.lines, marks: content.marks.map(([start]) => start).filter((start) => start !== null),
    })
  : null;

function goTo(second) {
  if (!player) return false;
  player.seek(second);
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) player.play();
  stage.scrollIntoView({ block: "nearest" });
  return true;
}

function follow(second) {
  follows.second = second;
  assistant.watching = { content: content.slug, second };
  markLine(content.lines.findLastIndex(([start]) => start <= second));
  markProduct(content.marks.findIndex(([start, end]) => start !== null && second >= start && (end === null || second <= end)));
}

function markLine(index) {
  if (follows.line === index) return;
  lines[follows.line]?.removeAttribute("aria-current");
  follows.line = index;
  lines[index]?.setAttribute("aria-current", "true");
  // The list moves in step only while nobody is working in it.
  const box = document.querySelector(".watch-left");
  if (lines[index] && player?.isPlaying && !box.contains(document.activeElement) && matchMedia("(min-width: 900px)").matches) lines[index].scrollIntoView({ block: "nearest" });
}

function markProduct(index) {
  if (follows.product === index) return;
  shown[follows.product]?.removeAttribute("data-on");
  follows.product = index;
  const row = shown[index];
  row?.setAttribute("data-on", "");
  const card = document.getElementById("on-screen");
  card.hidden = !row;
  if (!row) return;
  const link = row.querySelector("a");
  const title = row.querySelector("strong").textContent;
  const price = row.querySelector(".shown-text .num").firstChild?.textContent.trim() ?? "";
  card.href = link.href;
  card.replaceChildren(picture(row.querySelector("img")?.src, title),
    el("span", { class: "on-screen-text" }, el("small", { class: "num" }, matchMedia("(max-width: 899px)").matches ? t("on_screen_at", { clock: clock(content.marks[index][0]) }) : t("on_screen")), title),
    el("span", { class: "button primary" }, price ? t("view_at", { price }) : t("view")));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-second]");
  if (button) goTo(Number(button.dataset.second));
});

customElements.whenDefined("shop-assistant").then(() => {
  assistant.seek = (slug, second) => slug === content.slug && goTo(second);
  if (!player) return;
  player.addEventListener("time", (event) => follow(event.detail));
  const asked = Number(new URLSearchParams(location.search).get("t"));
  if (asked > 0) player.seek(asked);
  else follow(0);
});

// On a phone the conversation unfolds over the panels, below the player, and folds away again.
function unfold(isOpen) {
  if (isOpen && stage) beside.style.setProperty("--below-player", `${Math.max(120, stage.getBoundingClientRect().bottom)}px`);
  beside.classList.toggle("unfolded", isOpen);
  assistant.toggleAttribute("unfolded", isOpen);
}
assistant.addEventListener("said", () => unfold(true));
assistant.addEventListener("fold", () => unfold(false));
