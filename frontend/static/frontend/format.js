// Clocks, times and counts as people read them. Amounts come written from the server and are never computed here.

/** Seconds on a time line: 1:37, 1:02:03. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A countdown keeps its width: 04:12. */
export const countdown = (seconds) => clock(seconds).padStart(5, "0");

/** What is left, in words: "9 min 48 s". */
export function remaining(seconds, t) {
  const whole = Math.max(0, Math.ceil(seconds));
  return whole >= 60 ? t("minutes_seconds", { m: Math.floor(whole / 60), s: whole % 60 }) : t("seconds", { s: whole });
}

/** The time of day of an ISO moment, in the shopper's own zone. */
export function timeOfDay(iso, tag) {
  return new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(iso));
}

/** The day of an ISO moment: 14 Nov, 11 月 14 日 (Intl leaves the spaces out). */
export function day(iso, tag) {
  const at = new Date(iso);
  if (tag !== "en") return `${at.getMonth() + 1} 月 ${at.getDate()} 日`;
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }).format(at);
}

/** A count with thousands separators. */
export const count = (n, tag) => new Intl.NumberFormat(tag).format(n);

/** The server's clock, estimated from the moments it sends: countdowns must not trust the device. */
export class ServerClock {
  offset = 0;

  /** Learn from a moment that the server stamped just now. */
  learn(iso) {
    const at = Date.parse(iso);
    if (!Number.isNaN(at)) this.offset = at - Date.now();
  }

  /** Seconds from now, by the server's clock, until an ISO moment. */
  secondsUntil(iso) {
    return (Date.parse(iso) - (Date.now() + this.offset)) / 1000;
  }
}
