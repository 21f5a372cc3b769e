// The shop's REST interface: same origin, the shopper's cookie, Django's CSRF token.

/** A refusal with what the server said: `message` is for people, `fields` holds a sentence by input. */
export class ApiError extends Error {
  constructor(status, body) {
    super(sentence(body));
    this.status = status;
    this.code = body?.code ?? "";
    this.fields = body?.fields ?? {};
  }
}

/** The server's sentence: a problem's `detail`, or the first complaint about a field. */
function sentence(body) {
  if (!body || typeof body !== "object") return "";
  if (body.detail) return String(body.detail);
  const [field, complaint] = Object.entries(body)[0] ?? [];
  return Array.isArray(complaint) ? `${field}: ${complaint[0]}` : "";
}

/** What the page says about its shop: the JSON block of base.html. */
export function pageData() {
  const block = document.getElementById("page-data");
  return block ? JSON.parse(block.textContent) : {};
}

let becoming = null;

/** Make sure the server knows this shopper: the cookie is given when a script first needs one, not for looking. */
export function becomeShopper() {
  const { is_known = true, become_shopper, csrf } = pageData();
  if (is_known || !become_shopper) return Promise.resolve();
  becoming ??= fetch(become_shopper, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": csrf } }).catch((error) => {
    becoming = null;
    throw error;
  });
  return becoming;
}

/** Call `path` below the shop's address. Raises ApiError, or TypeError when there is no connection. */
export async function call(method, path, body, { onDate } = {}) {
  const { api = "", csrf = "" } = pageData();
  await becomeShopper();
  const response = await fetch(`${api}/${path}`, {
    method,
    credentials: "same-origin",
    headers: { Accept: "application/json", "X-CSRFToken": csrf, ...(body ? { "Content-Type": "application/json" } : {}) },
    body: body ? JSON.stringify(body) : undefined,
  });
  const date = response.headers.get("Date");
  if (date && onDate) onDate(new Date(date).toISOString());
  const data = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, data);
  return data;
}
