// "Tell me" for what is sold out: one message when it is back; pressing again takes the wish back.

import { call, pageData } from "./api.js";

/** Ask to be told; returns the words that were agreed to. */
export async function tellMe(variant) {
  const { source_ref = "" } = pageData();
  return (await call("POST", "waitlist/", { variant, consent: true, source_ref })).text;
}

/** Take the wish back. */
export const leaveWaitlist = (variant) => call("DELETE", `waitlist/${variant}/`);

/** The variants this shopper waits for; a stranger waits for none. */
export async function waitsFor() {
  return pageData().is_known ? (await call("GET", "waitlist/")).variants : [];
}
