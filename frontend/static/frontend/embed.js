// Framed players of other sites, spoken to by postMessage alone: their scripts are never loaded into our page.

import { el } from "./dom.js";

const DIALECTS = [
  {
    hosts: ["www.youtube-nocookie.com", "www.youtube.com"],
    prepare: (url) => (url.searchParams.set("enablejsapi", "1"), url),
    hello: () => JSON.stringify({ event: "listening" }),
    command: (name, value) => JSON.stringify({ event: "command", func: { play: "playVideo", pause: "pauseVideo", seek: "seekTo" }[name], args: value === undefined ? [] : [value, true] }),
    time: (data) => data.info?.currentTime,
  },
  {
    hosts: ["player.vimeo.com"],
    prepare: (url) => (url.searchParams.set("api", "1"), url),
    hello: () => JSON.stringify({ method: "addEventListener", value: "timeupdate" }),
    command: (name, value) => JSON.stringify({ method: { play: "play", pause: "pause", seek: "setCurrentTime" }[name], ...(value === undefined ? {} : { value }) }),
    time: (data) => data.data?.seconds,
  },
];

/** Frame an address. Players that answer are followed and steered; any other host is shown and left alone. */
export function framed(address, title) {
  const url = new URL(address, location.href);
  const dialect = DIALECTS.find((one) => one.hosts.includes(url.host));
  const source = dialect ? dialect.prepare(url) : url;
  const element = el("iframe", { src: source.href, title, allowFullscreen: true, allow: "fullscreen; picture-in-picture", referrerPolicy: "strict-origin" });
  const say = (text) => element.contentWindow?.postMessage(text, source.origin);
  const player = { element, onTime: () => {}, play: () => {}, pause: () => {}, seek: () => {} };
  if (!dialect) return player;
  element.addEventListener("load", () => say(dialect.hello()));
  addEventListener("message", (event) => {
    if (event.origin !== source.origin || event.source !== element.contentWindow) return;
    const second = dialect.time(parsed(event.data));
    if (Number.isFinite(second)) player.onTime(second);
  });
  return Object.assign(player, { play: () => say(dialect.command("play")), pause: () => say(dialect.command("pause")), seek: (second) => say(dialect.command("seek", second)) });
}

function parsed(data) {
  if (typeof data !== "string") return data ?? {};
  try {
    return JSON.parse(data) ?? {};
  } catch {
    return {};
  }
}
