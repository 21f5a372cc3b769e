// The stage of a video: a framed player when there is an address to frame, else our own over the poster, with a real clock.

import { el } from "./dom.js";
import { framed } from "./embed.js";
import { clock } from "./format.js";
import { icon } from "./icons.js";

const TICK_MS = 250;

/** Emits "time" (detail: second) whenever the second shown changed. */
export class Player extends EventTarget {
  time = 0;
  isPlaying = false;
  #from = 0; // the page's clock when time was 0
  #timer = 0;
  #frame = null;
  #parts = {};
  #isCaptioned = true;

  /** `lines`: [start, end, text]; `marks`: seconds of products. */
  constructor({ stage, t, title, poster, embed, duration, lines = [], marks = [] }) {
    super();
    Object.assign(this, { stage, t, duration, lines });
    this.#frame = embed ? framed(embed, title) : null;
    if (this.#frame) this.#buildFrame();
    else this.#buildOwn(poster, marks);
  }

  play() {
    if (this.#frame) return this.#frame.play();
    if (this.isPlaying) return;
    if (this.time >= this.duration) this.time = 0;
    this.isPlaying = true;
    this.#from = performance.now() - this.time * 1000;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#draw();
  }

  pause() {
    if (this.#frame) return this.#frame.pause();
    this.isPlaying = false;
    clearInterval(this.#timer);
    this.#draw();
  }

  seek(second) {
    const bounded = Math.min(Math.max(0, second), this.duration || second);
    if (this.#frame) this.#frame.seek(bounded);
    this.#from = performance.now() - bounded * 1000;
    this.#moveTo(bounded);
  }

  #tick() {
    const now = (performance.now() - this.#from) / 1000;
    if (now < this.duration) return this.#moveTo(now);
    this.#moveTo(this.duration);
    this.pause();
  }

  #moveTo(second) {
    const before = Math.floor(this.time);
    this.time = second;
    this.#draw();
    if (Math.floor(second) !== before || second === 0) this.dispatchEvent(new CustomEvent("time", { detail: Math.floor(second) }));
  }

  #buildFrame() {
    this.stage.append(this.#frame.element);
    this.#frame.onTime = (second) => this.#moveTo(second);
  }

  #buildOwn(poster, marks) {
    const { t } = this;
    const press = (name, label, onclick, pressed) => el("button", { type: "button", "aria-label": label, onclick, "aria-pressed": pressed }, icon(name));
    const range = el("input", { type: "range", min: "0", max: String(this.duration), step: "1", value: "0", "aria-label": t("position") });
    range.addEventListener("input", () => this.seek(Number(range.value)));
    this.#parts = {
      range, fill: el("span", { class: "track-fill" }), thumb: el("span", { class: "thumb" }), caption: el("p", { class: "stage-caption" }), label: el("span", { class: "grow" }),
      toggle: press("play", t("play"), () => this.#toggle()), big: el("button", { type: "button", class: "stage-big", "aria-label": t("play"), onclick: () => this.play() }, icon("play")),
    };
    const captions = press("captions", t("captions"), () => {
      this.#isCaptioned = !this.#isCaptioned;
      captions.setAttribute("aria-pressed", String(this.#isCaptioned));
      this.#draw();
    }, "true");
    const full = press("fullscreen", t("fullscreen"), () => (document.fullscreenElement ? document.exitFullscreen() : this.stage.requestFullscreen?.()));
    this.stage.append(
      ...(poster ? [el("img", { src: poster, alt: "" })] : []), el("div", { class: "stage-shade" }), this.#parts.caption, this.#parts.big,
      el("div", { class: "stage-controls" },
        el("div", { class: "track" }, el("span", { class: "track-rail" }), this.#parts.fill, range, marks.map((second) => this.#mark(second)), this.#parts.thumb),
        el("div", { class: "stage-row" }, this.#parts.toggle, this.#parts.label, this.lines.length > 0 && captions, full)));
    this.#draw();
  }

  #mark(second) {
    const mark = el("span", { class: "mark" });
    mark.style.left = `${(second / this.duration) * 100}%`;
    return mark;
  }

  #toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  #draw() {
    const { range, fill, thumb, caption, label, toggle, big } = this.#parts;
    if (!range) return;
    const share = this.duration ? `${(this.time / this.duration) * 100}%` : "0%";
    fill.style.width = share;
    thumb.style.left = share;
    range.value = String(Math.floor(this.time));
    range.setAttribute("aria-valuetext", this.t("minutes_seconds_words", { m: Math.floor(this.time / 60), s: Math.floor(this.time % 60) }));
    label.textContent = `${clock(this.time)} / ${clock(this.duration)}`;
    const name = this.isPlaying ? "pause" : "play";
    if (toggle.dataset.shows !== name) {
      toggle.dataset.shows = name;
      toggle.replaceChildren(icon(name));
      toggle.setAttribute("aria-label", this.t(name));
    }
    big.hidden = this.isPlaying || this.time > 0;
    const line = this.lines.find(([start, end]) => this.time >= start && this.time < end);
    const text = this.#isCaptioned && line && (this.isPlaying || this.time > 0) ? line[2] : "";
    if (caption.textContent !== text) caption.textContent = text;
  }
}
