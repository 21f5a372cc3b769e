// What a card may do, bound to one conversation; its subscriptions end when the card leaves the page.

/** Return the `ctx` that cards.js documents. */
export function cardContext({ conversation, t, tag, say, announce, seek }) {
  const follow = (node, type, listen) => {
    const handler = (event) => {
      if (!node.isConnected && handler.wasConnected) return conversation.removeEventListener(type, handler);
      handler.wasConnected ||= node.isConnected;
      listen(event.detail);
    };
    conversation.addEventListener(type, handler);
  };
  return {
    t, tag, say, announce, seek,
    clock: conversation.clock,
    act: (act, details) => conversation.act(act, details),
    confirm: (id, accept) => conversation.confirm(id, accept),
    sendAddress: (fields) => conversation.sendAddress(fields),
    askSignInCode: (email) => conversation.askSignInCode(email),
    signIn: (email, code) => conversation.signIn(email, code),
    quantities: () => conversation.quantities,
    onQuantities: (node, draw) => follow(node, "quantities", draw),
    onConfirmed: (node, id, show) => follow(node, "confirmed", (frame) => frame.action_id === id && show(frame)),
    every,
  };
}

/** Call `tick` now and each second while it returns true and `node` is on the page. */
export function every(node, tick) {
  if (!tick()) return;
  const timer = setInterval(() => {
    if (!node.isConnected || !tick()) clearInterval(timer);
  }, 1000);
}
