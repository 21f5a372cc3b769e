// Elements from data. Text always goes in as a text node, so nothing that was said can become markup.

const ATTRIBUTES = /^(aria-|data-|role$|for$|type$|lang$|src$|alt$|rel$|target$|name$|autocomplete$|inputmode$|maxlength$|rows$|scope$|width$|height$|loading$|enterkeyhint$|method$|action$|tabindex$|colspan$)/;

/** Make an element: `el("p", { class: "x", onclick: f }, "text", child)`. Empty children are left out. */
export function el(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (ATTRIBUTES.test(name)) element.setAttribute(name, value === true ? "" : value);
    else if (name === "href") element.setAttribute("href", safeUrl(value));
    else element[name] = value;
  }
  append(element, children);
  return element;
}

/** Add children: nodes, strings, numbers, nested lists; null, false and "" add nothing. */
export function append(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/** Return the address when it is http(s) or of this site, else "#": a card can never carry a script address. */
export function safeUrl(url) {
  try {
    const parsed = new URL(url, document.baseURI);
    return ["http:", "https:"].includes(parsed.protocol) ? url : "#";
  } catch {
    return "#";
  }
}

/** A picture in a box of reserved size; without one (or when it fails) the initial of what it shows. */
export function picture(url, title, className = "picture") {
  const box = el("span", { class: className });
  const initial = () => box.replaceChildren([...(title || "?").trim()][0] ?? "?");
  if (!url) {
    initial();
    return box;
  }
  box.append(el("img", { src: safeUrl(url), alt: "", loading: "lazy", onerror: initial }));
  return box;
}

/** A wide box with the whole square product in it: mirrored copies carry its ground to the edges. */
export function widePicture(url, title) {
  const box = picture(url, title);
  const mirror = () => el("img", { class: "mirror", src: safeUrl(url), alt: "", loading: "lazy", onerror: (event) => event.target.remove() });
  if (url) box.prepend(mirror(), mirror());
  return box;
}

/** An id that the server uses to recognise a repeat. */
export function clientId() {
  return crypto.randomUUID ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
