// Small help for the admin's own pages: tabs, phrases as chips, filters that submit themselves.
"use strict";

function tabs(list) {
  const buttons = [...list.querySelectorAll("[role=tab]")];
  const show = (button) => {
    for (const other of buttons) {
      const chosen = other === button;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => { show(button); history.replaceState(null, "", "#" + button.id.slice(4)); });
  }
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  });
  const bad = document.querySelector("[role=tabpanel] .sa-field.bad");
  const wanted = bad ? "tab-" + bad.closest("[role=tabpanel]").id.slice(6) : "tab-" + location.hash.slice(1);
  show(buttons.find((button) => button.id === wanted) || buttons[0]);
}

function chips(area) {
  const box = document.createElement("div");
  box.className = "sa-chips";
  const input = document.createElement("input");
  input.setAttribute("aria-label", area.closest("label")?.textContent.trim() || "");
  const phrases = () => area.value.split("\n").map((line) => line.trim()).filter(Boolean);
  const write = (list) => {
    area.value = [...new Set(list)].join("\n");
    area.dispatchEvent(new Event("change", { bubbles: true }));
    draw();
  };
  const draw = () => {
    box.replaceChildren(...phrases().map((phrase) => {
      const chip = document.createElement("span");
      const gone = document.createElement("button");
      gone.type = "button";
      gone.textContent = "×";
      gone.setAttribute("aria-label", "× " + phrase);
      gone.addEventListener("click", () => { write(phrases().filter((other) => other !== phrase)); input.focus(); });
      chip.append(phrase, gone);
      return chip;
    }), input);
  };
  const take = () => {
    if (!input.value.trim()) return;
    write([...phrases(), input.value.trim()]);
    input.value = "";
    input.focus();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); take(); }
    if (event.key === "Backspace" && !input.value) write(phrases().slice(0, -1)), input.focus();
  });
  input.addEventListener("blur", () => { if (input.value.trim()) { write([...phrases(), input.value.trim()]); input.value = ""; } });
  input.disabled = area.disabled || Boolean(area.closest("fieldset[disabled]"));
  area.hidden = true;
  area.style.display = "none";
  area.after(box);
  draw();
}

for (const list of document.querySelectorAll("[data-tabs]")) tabs(list);
for (const area of document.querySelectorAll("[data-chips]")) chips(area);
for (const input of document.querySelectorAll("[data-submits]")) input.addEventListener("change", () => input.form.requestSubmit());
