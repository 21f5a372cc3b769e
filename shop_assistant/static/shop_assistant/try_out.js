// The try-out beside the persona form: asks the version, draws its answer, and fills the "why" drawer.

const panel = document.querySelector("[data-try-out]");
const words = panel.dataset;
const talk = panel.querySelector(".talk");
const form = panel.querySelector(".ask form");
const input = panel.querySelector("#try-text");
const language = panel.querySelector("#try-language");
const drawer = document.querySelector("[data-why]");
const signals = JSON.parse(words.signals);
let conversation = "";
let busy = false;

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function who() {
  const line = make("div", "sa-who");
  if (words.avatar) {
    const face = make("img");
    face.src = words.avatar;
    face.alt = "";
    line.append(face);
  }
  line.append(words.name + " ", make("span", "sa-ai", "AI"));
  return line;
}

function productCard(card) {
  const box = make("div", "sa-mini");
  let picture = make("span", "pic", card.title.slice(0, 1));
  if (card.image_url) {
    picture = make("img", "pic");
    picture.src = card.image_url;
    picture.alt = "";
  }
  const text = make("div");
  text.append(make("b", "", card.title));
  if (card.reason) text.append(make("span", "reason", card.reason), make("br"));
  text.append(make("b", "", card.price ? card.price.text : ""));
  box.append(picture, text);
  return box;
}

function cards(list) {
  const drawn = [];
  for (const card of list) {
    if (card.kind === "product") drawn.push(productCard(card));
    else if (card.kind === "routine") drawn.push(...card.steps.map((step) => productCard(step.product)));
    else if (card.kind === "comparison") drawn.push(...card.products.map(productCard));
    else drawn.push(make("p", "sa-tag", card.title || card.kind));
  }
  return drawn;
}

function section(title, rows) {
  const box = make("section");
  box.append(make("h3", "", title));
  for (const [left, right] of rows) {
    const line = make("p");
    const name = make("span");
    name.append(left);
    line.append(name, make("span", "sa-note", right || ""));
    box.append(line);
  }
  return box;
}

function readable(value) {
  if (Array.isArray(value)) return value.map(readable).join(", ");
  if (value && typeof value === "object") return Object.entries(value).map(([key, item]) => key + ": " + readable(item)).join(", ");
  return String(value);
}

function why(told) {
  const trace = told.trace || {};
  const parts = [];
  if (trace.heard && Object.keys(trace.heard).length) {
    const heard = Object.entries(trace.heard).filter(([name]) => name !== "text");
    parts.push(section(words.heard, heard.map(([name, value]) => [name.replaceAll("_", " "), readable(value)])));
  }
  const tools = told.tools.flatMap((tool) => [[make("code", "", tool.name), tool.ms + " ms"], [tool.error || tool.result.split("\n")[0].slice(0, 90), ""]]);
  parts.push(section(words.tools, tools.length ? tools : [[words.nothing, ""]]));
  const first = trace.why?.signals || [];
  if (first.length) {
    const signed = (weight) => (weight > 0 ? "+" : "") + Number(weight).toFixed(2);
    const title = words.first.replace("%s", trace.why.product);
    parts.push(section(title, first.map(([name, weight]) => [signals[name] || name, signed(weight)])));
  }
  const moments = (told.reply?.cards || []).filter((card) => card.kind === "content");
  if (moments.length) parts.push(section(words.content, moments.map((card) => [card.title, card.start_s == null ? "" : Math.floor(card.start_s / 60) + ":" + String(card.start_s % 60).padStart(2, "0")])));
  if (trace.rules) {
    const broken = [["✕ " + [trace.rules.reason, trace.rules.detail].filter(Boolean).join(": "), ""]];
    parts.push(section(words.rules, trace.rules.passed ? JSON.parse(words.passed).map((rule) => ["✓ " + rule, ""]) : broken));
  }
  parts.push(section(words.model, [[told.model || "–", told.seconds.toFixed(1) + " s"]]));
  drawer.replaceChildren(...parts);
}

function choose(bubble, told) {
  for (const other of talk.querySelectorAll(".chosen")) other.classList.remove("chosen");
  bubble.classList.add("chosen");
  why(told);
}

async function ask(text) {
  if (busy || !text.trim()) return;
  busy = true;
  const waiting = make("p", "sa-note", words.thinking);
  talk.append(make("p", "sa-bubble shopper", text), waiting);
  talk.scrollTop = talk.scrollHeight;
  try {
    const answer = await fetch(words.tryOut, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value },
      body: JSON.stringify({ text, language: language.value, conversation }),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error || answer.statusText);
    conversation = told.conversation;
    const bubble = make("p", "sa-bubble", told.reply ? told.reply.text : "–");
    waiting.replaceWith(who(), bubble, ...cards(told.reply?.cards || []), make("p", "sa-note", told.seconds.toFixed(1) + " s"));
    bubble.addEventListener("click", () => choose(bubble, told));
    choose(bubble, told);
    talk.scrollTop = talk.scrollHeight;
  } catch (error) {
    waiting.textContent = words.failed + " (" + error.message + ")";
    input.value = text;
  } finally {
    busy = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value;
  input.value = "";
  ask(text);
});
for (const button of panel.querySelectorAll("[data-ask]")) button.addEventListener("click", () => ask(button.textContent));
language.addEventListener("change", () => { conversation = ""; });
