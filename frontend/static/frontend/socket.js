// A WebSocket that comes back: full-jitter delays, at once when the device is online again, never after a refusal.

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
const REFUSED = 4403; // the token or cookie is not of this shop: trying again changes nothing
const STEADY_AFTER_MS = 5_000; // a connection this old resets the delays; an accept-then-drop server is not hammered

/** Emits "open", "frame" (detail: the parsed frame), "down" and "refused". */
export class Connection extends EventTarget {
  #url;
  #protocols;
  #socket = null;
  #attempt = 0;
  #timer = 0;
  #steady = 0;
  #closed = false;

  constructor(path, protocols) {
    super();
    const url = new URL(path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.#url = url.href;
    this.#protocols = protocols;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connect now, and keep connecting until close(). */
  open() {
    this.#closed = false;
    addEventListener("online", this.#retryNow);
    document.addEventListener("visibilitychange", this.#retryNow);
    this.#connect();
  }

  /** Send a frame; false when there is no connection (the caller keeps what matters and sends it again). */
  send(frame) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Disconnect and stay so. */
  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#steady);
    removeEventListener("online", this.#retryNow);
    document.removeEventListener("visibilitychange", this.#retryNow);
    this.#socket?.close();
  }

  #retryNow = () => {
    if (document.hidden || this.#closed || !this.#timer) return;
    clearTimeout(this.#timer);
    this.#connect();
  };

  #connect() {
    this.#timer = 0;
    const socket = new WebSocket(this.#url, this.#protocols);
    this.#socket = socket;
    socket.onopen = () => {
      this.#steady = setTimeout(() => (this.#attempt = 0), STEADY_AFTER_MS);
      this.dispatchEvent(new Event("open"));
    };
    socket.onmessage = (message) => {
      let frame;
      try {
        frame = JSON.parse(message.data);
      } catch {
        return; // not a frame of this protocol
      }
      // Several frames may come as one array: a busy room sends them so.
      for (const one of [frame].flat()) this.dispatchEvent(new CustomEvent("frame", { detail: one }));
    };
    socket.onclose = (event) => this.#down(socket, event.code);
  }

  #down(socket, code) {
    if (socket !== this.#socket || this.#closed) return;
    clearTimeout(this.#steady);
    if (code === REFUSED) {
      this.#closed = true;
      this.dispatchEvent(new Event("refused"));
      return;
    }
    this.dispatchEvent(new Event("down"));
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt++);
    this.#timer = setTimeout(() => this.#connect(), Math.random() * ceiling);
  }
}
