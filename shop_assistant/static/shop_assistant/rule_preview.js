// Shows beside a search rule what shoppers see now and with the rule, while it is written.
"use strict";

(() => {
  const FIELDS = ["query", "product", "kind", "place", "factor"];
  const PAUSE_MS = 400;

  function start(box) {
    const form = box.closest("form") || document.querySelector("#searchrule_form");
    let waiting = 0;
    let asked = "";
    let running = null;

    async function show() {
      const given = new URLSearchParams({ rule: box.dataset.rule });
      for (const name of FIELDS) given.set(name, form.elements[name]?.value || "");
      const address = box.dataset.rulePreview + "?" + given;
      if (address === asked) return;
      asked = address;
      running?.abort();
      running = new AbortController();
      try {
        const answer = await fetch(address, { signal: running.signal, credentials: "same-origin" });
        if (answer.ok) box.innerHTML = await answer.text(); // our own template, escaped there
      } catch (error) {
        if (error.name !== "AbortError") asked = "";
      }
    }

    const later = () => { clearTimeout(waiting); waiting = setTimeout(show, PAUSE_MS); };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    // The product's choice is made by select2, which tells only jQuery.
    window.django?.jQuery?.(form).on("change", "select", later);
    show();
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const box of document.querySelectorAll("[data-rule-preview]")) start(box);
  });
})();
