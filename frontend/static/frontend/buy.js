// Putting things into the cart from a page: REST, as the shopper.

import { call, pageData } from "./api.js";

/** Add a variant, a service with the time it begins; returns the cart. Tells the page's head how many there are now. */
export async function addToCart(variant, { quantity = 1, linkId = "", startsAt = "" } = {}) {
  const { creator = "", source_ref = "", link_id = "" } = pageData();
  const link = linkId || link_id;
  const cart = await call("POST", "cart/lines/", { variant, quantity, source_ref, ...(creator && { creator }), ...(startsAt && { starts_at: startsAt }), ...(link && { link_id: link }) });
  document.dispatchEvent(new CustomEvent("shop:cart", { detail: { count: cart.count } }));
  return cart;
}

/** Change how many of a variant there are; 0 removes. */
export async function setQuantity(variant, quantity) {
  const cart = await call("PATCH", `cart/lines/${variant}/`, { quantity });
  document.dispatchEvent(new CustomEvent("shop:cart", { detail: { count: cart.count } }));
  return cart;
}
