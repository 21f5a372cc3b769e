// Cards by kind. The server sends data; only these modules decide how it looks.

import { addressCard, cartCard, checkoutCard } from "./cards/cart.js";
import { comparisonCard, contentCard } from "./cards/content.js";
import { itemsCard, signInCard } from "./cards/desk.js";
import { confirmCard, handoffCard, orderCard } from "./cards/orders.js";
import { carousel, productCard, productRow } from "./cards/product.js";
import { routineCard } from "./cards/routine.js";
import { slotsCard } from "./cards/slots.js";

const BY_KIND = {
  address: addressCard, cart: cartCard, checkout: checkoutCard, comparison: comparisonCard, confirm: confirmCard,
  content: contentCard, handoff: handoffCard, items: itemsCard, order: orderCard, sign_in: signInCard, slots: slotsCard, routine: routineCard,
};

/**
 * Draw the cards of one message. Two or more products become a carousel (rows in the compact form).
 *
 * `ctx`: t, tag, clock, act(), say(), confirm(), sendAddress(), askSignInCode(), signIn(), seek(), announce(), quantities(), every(node, tick),
 * onQuantities(node, draw), onConfirmed(node, id, show). The last three stop when their node has left the page.
 */
export function drawCards(cards, ctx, { compact = false } = {}) {
  const drawn = [];
  for (let index = 0; index < cards.length; index += 1) {
    const card = cards[index];
    if (card.kind !== "product") {
      const draw = BY_KIND[card.kind];
      if (draw) drawn.push(draw(card, ctx)); // an unknown kind is a newer server: its text is still shown
      continue;
    }
    const run = [card];
    while (cards[index + 1]?.kind === "product") run.push(cards[(index += 1)]);
    if (compact || run.length === 1) drawn.push(...run.map((product) => productRow(product, ctx)));
    else drawn.push(carousel(run, ctx));
  }
  return drawn;
}

export { productCard, productRow };
