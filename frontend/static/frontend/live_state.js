// What a room is, as told by its socket: a snapshot, then events in one order. No drawing here.

import { clientId } from "./dom.js";
import { ServerClock } from "./format.js";
import { Connection } from "./socket.js";

/**
 * Events: "change" (detail: { what }), "connection", "told" (your question was answered), "refused" (a nack), "asked".
 * `questions` maps id -> { id, text, language, state, asker_name, room_second, askers, mine, answer, draft }.
 */
export class Room extends EventTarget {
  clock = new ServerClock();
  questions = new Map();
  pinned = null;
  earlier = [];
  viewers = 0;
  state = "scheduled";
  persona = null;
  limits = {};
  pending = new Map(); // client id -> { frame, state, problem }
  #epoch = 0;
  #seq = 0;
  #isKnown = false;
  #gapAsked = -1;
  #connection;

  constructor(id, language) {
    super();
    this.language = language;
    this.#connection = new Connection(`/ws/rooms/${id}/?language=${language}`, ["room.v1"]);
    this.#connection.addEventListener("open", () => this.#onOpen());
    this.#connection.addEventListener("down", () => this.#emit("connection", { state: "down" }));
    this.#connection.addEventListener("refused", () => this.#emit("connection", { state: "refused" }));
    this.#connection.addEventListener("frame", (event) => this[`on_${event.detail.type}`]?.(event.detail));
  }

  open() {
    this.#connection.open();
  }

  /** Ask; kept and sent again with the same id until it is acknowledged. */
  ask(text) {
    const entry = { frame: { type: "ask", client_id: clientId(), text }, state: "sending", problem: "" };
    this.pending.set(entry.frame.client_id, entry);
    this.#connection.send(entry.frame);
    this.#emit("change", { what: "pending" });
  }

  retry(id) {
    const entry = this.pending.get(id);
    if (!entry) return;
    Object.assign(entry, { state: "sending", problem: "" });
    this.#connection.send(entry.frame);
    this.#emit("change", { what: "pending" });
  }

  /** Join or leave the askers of a question; shown at once, put right by the room's own count. */
  meToo(id, isOn) {
    const question = this.questions.get(id);
    if (!question || !this.#connection.send({ type: "me_too", question_id: id, on: isOn })) return;
    if (question.mine !== isOn) question.askers += isOn ? 1 : -1;
    question.mine = isOn;
    this.#emit("change", { what: "question", id });
  }

  #onOpen() {
    this.#emit("connection", { state: "open" });
    if (this.#isKnown) this.#connection.send({ type: "resume", epoch: this.#epoch, seq: this.#seq });
    for (const entry of this.pending.values()) if (entry.state === "sending") this.#connection.send(entry.frame);
  }

  on_hello(frame) {
    this.clock.learn(frame.server_time);
    this.limits = frame.limits;
    const wasKnown = this.#isKnown;
    this.#isKnown = true;
    if (!wasKnown || frame.epoch !== this.#epoch) this.#take(frame);
    // Known before: the resume answers with what was missed, or with a reset.
    else this.#emit("connection", { state: "back", missed: Math.max(0, frame.seq - this.#seq) });
  }

  on_reset(frame) {
    const missed = frame.epoch === this.#epoch ? frame.seq - this.#seq : 0;
    this.#take(frame);
    this.#emit("connection", { state: "back", missed: Math.max(0, missed) });
  }

  #take({ epoch, seq, snapshot }) {
    Object.assign(this, { state: snapshot.state, persona: snapshot.persona, viewers: snapshot.viewers, pinned: snapshot.pinned, earlier: [...snapshot.earlier] });
    this.questions = new Map(snapshot.questions.map((row) => [row.question_id, asQuestion(row)]));
    [this.#epoch, this.#seq] = [epoch, seq];
    this.#emit("change", { what: "all" });
  }

  on_event(frame) {
    if (frame.epoch !== this.#epoch || frame.seq <= this.#seq) return; // seen already
    if (frame.seq > this.#seq + 1) return this.#askForGap();
    this.#seq = frame.seq;
    this.#gapAsked = -1;
    this.clock.learn(frame.at);
    this[`event_${frame.kind}`]?.(frame.payload, frame);
  }

  /** Something between was lost: the room tells it again, this event included. */
  #askForGap() {
    if (this.#gapAsked === this.#seq) return;
    this.#gapAsked = this.#seq;
    this.#connection.send({ type: "resume", epoch: this.#epoch, seq: this.#seq });
  }

  event_question(row) {
    const known = this.questions.get(row.question_id);
    this.questions.set(row.question_id, { ...asQuestion(row), mine: known?.mine ?? false, answer: known?.answer ?? null });
    this.#emit("change", { what: known ? "question" : "new", id: row.question_id });
  }

  event_question_state({ question_id, state }) {
    this.#update(question_id, (question) => {
      question.state = state;
      if (state !== "answering") question.draft = "";
    });
  }

  event_askers({ question_id, askers }) {
    this.#update(question_id, (question) => (question.askers = askers));
  }

  event_answer(answer) {
    this.#update(answer.question_id, (question) => Object.assign(question, { answer, askers: answer.askers, state: "answered", draft: "" }));
  }

  event_pin({ cards, ...pin }) {
    const product = cards[this.language] ?? cards.en;
    if (!product) return;
    if (this.pinned) this.earlier = [this.pinned, ...this.earlier];
    this.pinned = { ...pin, product };
    this.earlier = this.earlier.filter((old) => old.product.product_id !== pin.product_id);
    this.#emit("change", { what: "pinned" });
  }

  event_unpin({ pin_id }) {
    if (this.pinned?.pin_id !== pin_id) return;
    this.earlier = [this.pinned, ...this.earlier];
    this.pinned = null;
    this.#emit("change", { what: "pinned" });
  }

  event_stock({ product_id, stock, left = null }) {
    for (const pin of [this.pinned, ...this.earlier]) {
      if (pin?.product.product_id === product_id) pin.product = { ...pin.product, stock, left };
    }
    this.#emit("change", { what: "pinned" });
  }

  event_room({ state }) {
    this.state = state;
    this.#emit("change", { what: "room" });
  }

  event_notice(payload) {
    this.#emit("notice", payload);
  }

  on_answer_delta({ question_id, text }) {
    this.#update(question_id, (question) => {
      if (question.answer) return;
      question.draft += text;
      question.state = "answering";
    }, "draft");
  }

  on_ack(frame) {
    this.pending.delete(frame.client_id);
    const question = this.questions.get(frame.question_id);
    if (question) question.mine = true;
    else this.#awaited.add(frame.question_id);
    this.#emit("change", { what: "pending" });
    this.#emit("asked", frame);
  }

  #awaited = new Set(); // acknowledged before its event came

  on_nack(frame) {
    const entry = this.pending.get(frame.client_id);
    if (entry) Object.assign(entry, { state: "failed", problem: frame.message });
    this.#emit("change", { what: "pending" });
    this.#emit("refused", frame);
  }

  on_you(frame) {
    this.#emit("told", frame);
  }

  on_presence(frame) {
    this.viewers = frame.viewers;
    this.#emit("change", { what: "viewers" });
  }

  #update(id, change, what = "question") {
    const question = this.questions.get(id);
    if (!question) return;
    change(question);
    this.#emit("change", { what, id });
  }

  #emit(type, detail) {
    for (const id of this.#awaited) {
      const question = this.questions.get(id);
      if (!question) continue;
      question.mine = true;
      this.#awaited.delete(id);
    }
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const asQuestion = (row) => ({ answer: null, mine: false, ...row, id: row.question_id, draft: "" });
