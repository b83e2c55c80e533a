/* Notes and scores that wait in this browser until the server has them.
 *
 * A form with `data-draf="account/assessment/competency/what"` is kept as it is typed, together with the versions its
 * person saw, and comes back when the page is opened again by the same account. It leaves when the server has answered
 * that it is stored. Words about a teacher lie on this device only for that long.
 */
const NAME = "mutu-kinerja:";
const TIMEOUT_MS = 20000;
const state = document.getElementById("keadaan-draf");
const words = state.dataset;

let keeps = true;
try { localStorage.setItem(`${NAME}?`, "1"); localStorage.removeItem(`${NAME}?`); } catch { keeps = false; }

function tell(text) {
  state.textContent = text;
  state.hidden = !text;
}

const fields = (form) => [...form.elements].filter((one) => one.name && one.name !== "csrfmiddlewaretoken" && one.type !== "submit");

function read(form) {
  const found = {};
  for (const one of fields(form)) {
    if (one.type === "radio" || one.type === "checkbox") { if (one.checked) found[one.name] = one.value; }
    else found[one.name] = one.value;
  }
  return found;
}

function fill(form, kept) {
  for (const one of fields(form)) {
    if (one.type === "radio" || one.type === "checkbox") one.checked = kept[one.name] === one.value;
    else if (kept[one.name] !== undefined) one.value = kept[one.name];
  }
}

class Draft {
  constructor(form) {
    this.form = form;
    this.key = NAME + form.dataset.draf;
    this.sending = false;
    this.waiting = false;
    this.untouched = JSON.stringify(read(form));
    this.restore();
    form.addEventListener("input", () => this.keep());
    form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    addEventListener("online", () => { if (this.waiting) this.send(); });
  }

  keep() {
    if (!keeps) return;
    const typed = JSON.stringify(read(this.form));
    if (typed === this.untouched) { localStorage.removeItem(this.key); return; }
    try { localStorage.setItem(this.key, typed); } catch { keeps = false; tell(words.tanpa); }
  }

  restore() {
    if (!keeps) return;
    const kept = localStorage.getItem(this.key);
    if (!kept) return;
    // Versions are left out of the comparison: what the server has just refused stands in the page with a newer one.
    const typed = JSON.parse(kept);
    const visible = fields(this.form).filter((one) => one.type !== "hidden").map((one) => one.name);
    const shown = read(this.form);
    if (visible.every((name) => typed[name] === shown[name])) return;
    fill(this.form, typed);
    const box = this.form.closest("details");
    if (box) box.open = true;
    tell(words.pulih);
  }

  async send() {
    if (this.sending) return;
    this.keep();
    if (!navigator.onLine) { this.waiting = true; tell(words.luring); return; }
    this.sending = true;
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), TIMEOUT_MS);
    try {
      const response = await fetch(location.href, {
        method: "POST", body: new FormData(this.form), headers: { Accept: "application/json" },
        credentials: "same-origin", redirect: "manual", cache: "no-store", signal: stop.signal,
      });
      await this.answered(response);
    } catch {
      this.waiting = true;
      tell(navigator.onLine ? words.putus : words.luring);
    } finally { clearTimeout(late); this.sending = false; }
  }

  async answered(response) {
    const json = (response.headers.get("Content-Type") || "").includes("json");
    if (response.status === 200 && json) {
      const { url } = await response.json();
      if (keeps) localStorage.removeItem(this.key);
      location.assign(url);
      if (new URL(url, location.href).pathname === location.pathname && !location.search) location.reload();
    } else if (response.status === 422) {
      // The page itself shows each fault at its place.
      this.form.submit();
    } else if (response.type === "opaqueredirect" || [401, 403, 404].includes(response.status)) tell(words.masuk);
    else { this.waiting = true; tell(words.putus); }
  }
}

if (!keeps) tell(words.tanpa);
for (const form of document.querySelectorAll("form[data-draf]")) new Draft(form);
addEventListener("offline", () => tell(words.luring));
addEventListener("online", () => { if (state.textContent === words.luring) tell(""); });
if (!navigator.onLine) tell(words.luring);
