// Reads of the shop that make nobody a shopper: looking leaves no row behind.

import { pageData } from "./api.js";

export { pageData };

/** GET `path` below the shop's API. Raises on anything but an answer; `signal` ends it. */
export async function safeApi(path, signal) {
  const response = await fetch(`${pageData().api}/${path}`, { credentials: "same-origin", headers: { Accept: "application/json" }, signal });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

/** GET a page of this site as a document. */
export async function pageAt(address, signal) {
  const response = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" }, signal });
  if (!response.ok) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}
