// What was searched before: kept on this device alone, and forgotten by one button.

const MOST = 8;
const key = (shop) => `searches:${shop}`;

/** Return the searches made in a shop on this device, the newest first. */
export function recent(shop) {
  try {
    const kept = JSON.parse(localStorage.getItem(key(shop)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((text) => typeof text === "string") : [];
  } catch {
    return []; // private windows may refuse; then nothing is remembered
  }
}

/** Remember a search. */
export function remember(shop, text) {
  const kept = [text, ...recent(shop).filter((other) => other !== text)].slice(0, MOST);
  try {
    localStorage.setItem(key(shop), JSON.stringify(kept));
  } catch { /* nothing is remembered then */ }
}

/** Forget them all. */
export function forget(shop) {
  try {
    localStorage.removeItem(key(shop));
  } catch { /* there was nothing to forget */ }
}
