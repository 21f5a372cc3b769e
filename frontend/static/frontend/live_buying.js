// Buying in a live room: everybody sees the same cards, so each viewer's tracked link is made when it is first needed.

import { call } from "./api.js";
import { addToCart, setQuantity } from "./buy.js";
import { tellMe } from "./waitlist.js";
import { every } from "./card_context.js";
import { safeUrl } from "./dom.js";

/** Return `linkTo(productId, answerId)`: the id of this viewer's own link, made once; "" when it cannot be made. */
export function linkMaker(room) {
  const made = new Map();
  return (productId, answerId = null) => {
    const key = `${productId}:${answerId}`;
    if (!made.has(key)) {
      const request = call("POST", `rooms/${room}/links/`, { product_id: productId, ...(answerId && { answer_id: answerId }) });
      // A product can be looked at and bought without being counted; the next press tries again.
      made.set(key, request.then((link) => link.link_id, () => (made.delete(key), "")));
    }
    return made.get(key);
  };
}

/** Product links inside `place` lead through the viewer's own tracked link. */
export function followTracked(place, linkTo) {
  place.addEventListener("click", async (event) => {
    const anchor = event.target.closest("[data-product] a[href]");
    if (!anchor || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const productId = Number(anchor.closest("[data-product]").dataset.product);
    const answerId = Number(anchor.closest("[data-answer]")?.dataset.answer) || null;
    const id = await linkTo(productId, answerId);
    location.assign(id ? `/l/${id}/` : safeUrl(anchor.getAttribute("href")));
  });
}

/** Return `contextOf(answer)`: what the cards of an answer may do. A room has no conversation, so they act on the cart itself. */
export function answerContexts({ t, tag, clock, announce, linkTo, say }) {
  const quantities = new Map();
  const changes = new EventTarget();
  const learn = (cart) => {
    quantities.clear();
    for (const line of cart.lines) quantities.set(line.variant_id, line.quantity);
    changes.dispatchEvent(new Event("quantities"));
    return { cards: [], text: "", error: "" };
  };
  const refuse = () => Promise.reject(new Error(t("error_generic")));
  return (answer) => {
    const acts = {
      cart_add: async ({ variant_id, variant_ids = [variant_id] }) => {
        let cart = null;
        for (const id of variant_ids) cart = await addToCart(id, { linkId: await linkTo(productOf(answer.cards, id), answer.answer_id) });
        return learn(cart);
      },
      tell_me: async ({ variant_id }) => ({ cards: [], text: await tellMe(variant_id), error: "" }),
      cart_set: async ({ variant_id, quantity }) => learn(await setQuantity(variant_id, quantity)),
    };
    return {
      t, tag, clock, announce, say, every, seek: null,
      act: (act, details) => (acts[act] ?? refuse)(details),
      confirm: () => false, sendAddress: refuse,
      quantities: () => quantities,
      onQuantities: (node, draw) => changes.addEventListener("quantities", draw),
      onConfirmed: () => {},
    };
  };
}

/** The product of a variant, among an answer's cards. */
function productOf(cards, variantId) {
  const products = cards.flatMap((card) => (card.kind === "product" ? [card] : (card.steps ?? []).map((step) => step.product)));
  return products.find((product) => product.variants.some((variant) => variant.variant_id === variantId))?.product_id;
}
