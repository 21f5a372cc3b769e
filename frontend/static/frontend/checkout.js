// The cart page: the address form follows its country, a delivery method is taken when it is chosen.

const country = document.getElementById("country");
const fields = document.querySelector(".address-fields");

function follow() {
  const form = JSON.parse(country.selectedOptions[0]?.dataset.form ?? "{}");
  if (!form.labels) return;
  for (const [name, label] of Object.entries(form.labels)) {
    const field = fields.querySelector(`.field.${name}`);
    if (!field) continue;
    field.querySelector(".label-text").textContent = label;
    field.querySelector(".optional").hidden = form.required.includes(name);
    field.hidden = form.hidden.includes(name);
    const input = field.querySelector("input");
    if (input) input.required = form.required.includes(name);
  }
  document.getElementById("regions").replaceChildren(...form.regions.map((name) => Object.assign(document.createElement("option"), { value: name })));
}

if (country && fields) {
  country.addEventListener("change", follow);
  follow();
}

for (const form of document.querySelectorAll("[data-submits-itself]")) {
  form.querySelectorAll("[data-without-script]").forEach((button) => (button.hidden = true));
  form.addEventListener("change", () => form.requestSubmit());
}
