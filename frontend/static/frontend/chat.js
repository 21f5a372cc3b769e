// One conversation without any drawing: frames in, events out; keeps what was not acknowledged and sends it again.

import { call } from "./api.js";
import { clientId } from "./dom.js";
import { ServerClock } from "./format.js";
import { Connection } from "./socket.js";

const UNSENT_AFTER_MS = 10_000;

/**
 * Events: welcome, connection, pending (a message of the shopper changed its state), thinking, token, said, acted,
 * confirmed, cart, owner, problem. `detail` carries the frame or the entry.
 */
export class Conversation extends EventTarget {
  clock = new ServerClock();
  welcome = null;
  pending = new Map(); // client_id -> { frame, state: sending | sent | failed }
  quantities = new Map(); // variant id -> units in the cart
  runningTurn = null;
  lastSequence = 0;
  #seen = new Set(); // message numbers shown: nudges, resumes and answers may name the same one
  #connection = null;
  #id = "";
  #starting = null;

  constructor({ creator, surface, place, language, open = openByRest }) {
    super();
    this.request = { creator, surface, place, language };
    this.openConversation = open;
  }

  /** Open it once; later calls return the same promise. A failure may be tried again. */
  start() {
    this.#starting ??= this.#start().catch((error) => {
      this.#starting = null;
      throw error;
    });
    return this.#starting;
  }

  async #start() {
    const opened = await this.openConversation(this.request, this.clock);
    this.#id = opened.conversation;
    this.#connect(opened.token);
  }

  #connect(token) {
    this.#connection = new Connection(`/ws/chat/${this.#id}/`, token ? ["chat.v1", token] : ["chat.v1"]);
    this.#connection.addEventListener("open", () => this.#onOpen());
    this.#connection.addEventListener("down", () => this.#emit("connection", { state: "down" }));
    this.#connection.addEventListener("refused", () => this.#emit("connection", { state: "refused" }));
    this.#connection.addEventListener("frame", (event) => this.#onFrame(event.detail));
    this.#connection.open();
  }

  stopListening() {
    this.#connection?.close();
  }

  /** Say something. It is shown at once and kept until the server has stored it. */
  say(text, context = {}) {
    this.#keep({ type: "message", client_id: clientId(), text, context });
  }

  /** Press a card's button; resolves with the `acted` frame. */
  act(act, details = {}) {
    return this.#ask({ type: "act", client_id: clientId(), act, ...details });
  }

  sendAddress(fields) {
    return this.#ask({ type: "address", client_id: clientId(), ...fields });
  }

  confirm(actionId, accept) {
    return this.#connection?.send({ type: "confirm", action_id: actionId, accept }) ?? false;
  }

  /** Have a sign-in code sent; by REST, so that the address is no part of what was said. */
  askSignInCode(email) {
    return call("POST", `conversations/${this.#id}/sign-in/`, { email });
  }

  /** Sign in with the code; the same conversation goes on as the account it opened. */
  async signIn(email, code) {
    const signed = await call("POST", `conversations/${this.#id}/sign-in/code/`, { email, code });
    this.#connection.close();
    this.#connect(signed.token);
    return signed;
  }

  stop() {
    this.#connection?.send({ type: "stop" });
  }

  setLanguage(language) {
    this.#connection?.send({ type: "language", language });
  }

  /** Send a failed message again, with the same client id: the server cannot store it twice. */
  retry(id) {
    const entry = this.pending.get(id);
    if (entry) this.#transmit(entry);
  }

  #keep(frame) {
    const entry = { frame, state: "sending", timer: 0 };
    this.pending.set(frame.client_id, entry);
    this.#transmit(entry);
  }

  #transmit(entry) {
    entry.state = "sending";
    entry.problem = "";
    this.#emit("pending", entry);
    this.#connection?.send(entry.frame);
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => {
      entry.state = "failed";
      this.#emit("pending", entry);
    }, UNSENT_AFTER_MS);
  }

  #ask(frame) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(reject, new Error("timeout")), UNSENT_AFTER_MS);
      const finish = (settle, value) => {
        clearTimeout(timer);
        this.removeEventListener("acted", onActed);
        this.removeEventListener("problem", onProblem);
        settle(value);
      };
      const onActed = ({ detail }) => detail.client_id === frame.client_id && finish(resolve, detail);
      const onProblem = ({ detail }) => detail.client_id === frame.client_id && finish(reject, Object.assign(new Error(detail.message), detail));
      this.addEventListener("acted", onActed);
      this.addEventListener("problem", onProblem);
      if (!this.#connection?.send(frame)) finish(reject, new Error("offline"));
    });
  }

  #onOpen() {
    this.#emit("connection", { state: "open" });
    if (this.welcome) this.#connection.send({ type: "resume", after: this.lastSequence });
    for (const entry of this.pending.values()) if (!entry.problem) this.#transmit(entry);
  }

  #onFrame(frame) {
    const handler = this[`on_${frame.type}`];
    if (handler) handler.call(this, frame);
  }

  on_welcome(frame) {
    const isFirst = !this.welcome;
    this.welcome = frame;
    if (isFirst) frame.messages.forEach((said) => this.#note(said));
    this.#emit("welcome", { frame, isFirst });
    this.#emit("cart", { count: frame.cart_count });
    if (frame.language !== this.request.language) this.setLanguage(this.request.language);
  }

  on_accepted(frame) {
    const entry = this.pending.get(frame.client_id);
    if (entry) {
      clearTimeout(entry.timer);
      this.pending.delete(frame.client_id);
      entry.state = "sent";
      this.#emit("pending", entry);
    }
    this.#seen.add(frame.sequence);
    this.lastSequence = Math.max(this.lastSequence, frame.sequence);
    if (this.welcome?.owner === "double" || !this.welcome) this.#setRunning(frame.turn);
  }

  on_token(frame) {
    if (this.runningTurn !== frame.turn) this.#setRunning(frame.turn);
    this.#emit("token", frame);
  }

  on_done(frame) {
    this.clock.learn(frame.message.at);
    this.#setRunning(null);
    this.#note(frame.message);
    this.#emit("said", { said: frame.message, state: frame.state, turn: frame.turn });
  }

  on_arrived(frame) {
    if (this.#seen.has(frame.message.sequence)) return;
    this.clock.learn(frame.message.at);
    this.#note(frame.message);
    this.#emit("said", { said: frame.message, state: "arrived" });
  }

  on_missed(frame) {
    for (const said of frame.messages) {
      if (this.#seen.has(said.sequence)) continue;
      if (said.speaker !== "shopper") this.#setRunning(null);
      this.#note(said);
      this.#emit("said", { said, state: "missed" });
    }
  }

  on_acted(frame) {
    frame.cards.forEach((card) => this.#learnCart(card));
    this.#emit("acted", frame);
  }

  on_confirmed(frame) {
    this.clock.learn(frame.at);
    frame.cards.forEach((card) => this.#learnCart(card));
    this.#emit("confirmed", frame);
  }

  on_cart(frame) {
    this.#emit("cart", frame);
  }

  on_owner(frame) {
    this.welcome = { ...this.welcome, owner: frame.owner, person: frame.person };
    if (frame.owner !== "double") this.#setRunning(null);
    this.#emit("owner", frame);
  }

  on_error(frame) {
    const entry = this.pending.get(frame.client_id);
    if (entry) {
      clearTimeout(entry.timer);
      entry.state = "failed";
      entry.problem = frame.message;
      this.#emit("pending", entry);
    }
    this.#emit("problem", frame);
  }

  #note(said) {
    this.#seen.add(said.sequence);
    this.lastSequence = Math.max(this.lastSequence, said.sequence);
    said.cards.forEach((card) => this.#learnCart(card));
  }

  #learnCart(card) {
    if (card.kind !== "cart") return;
    this.quantities = new Map(card.lines.map((line) => [line.variant_id, line.quantity]));
    this.#emit("quantities", {});
    this.#emit("cart", { count: card.count });
  }

  #setRunning(turn) {
    if (this.runningTurn === turn) return;
    this.runningTurn = turn;
    this.#emit("running", { turn });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

async function openByRest(request, clock) {
  const data = await call("POST", "conversations/", request, { onDate: (iso) => clock.learn(iso) });
  return { conversation: data.conversation ?? data.id, token: data.token ?? "" };
}
