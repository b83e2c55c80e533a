/* The marks of one grid on their way to the server, without a page: what was typed, what is sent, what came back.
 *
 * A cell knows four things: `text`, what the person wants; `version`, the version they saw when they began to want it;
 * `saved` and `known`, the newest value and version that the server is known to have. It rests when nobody wants
 * anything else. Everything that does not rest lies in the store before it is sent, and leaves it when the server has
 * answered. A request lies there too, with its key, and is repeated as it was until it has an answer: if the first one
 * was lost on the way back, the server gives the same answer again and does nothing twice.
 *
 * The server alone decides. A value that met another one is a conflict (`bentrok`) until a person chooses.
 */
const MOST_CELLS = 250;
const TIMEOUT_MS = 20_000;
const WANTED = new Set(["belum", "simpan", "ditolak", "bentrok"]);

export const fromServer = (value) => (value === null || value === undefined ? "" : String(value).replace(".", ","));

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Plain http on a school's own network has no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((byte, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
}

export class Queue {
  /* account: number of the account; place: lesson and semester, `12/1`; url: where marks are saved and read;
   * store: see store.js; token: function; check: text -> why it is no mark, or ""; busy: whether a cell is being typed
   * in; onchange(cells, fromOutside), onresults(rows), onother(record): the page; fetch, now: replaceable in tests. */
  constructor(options) {
    Object.assign(this, {
      check: () => "", busy: () => false, onchange() {}, onresults() {}, onother() {}, token: () => "", label: {},
      fetch: (...args) => window.fetch(...args), now: () => new Date().toISOString(), channel: null,
    }, options);
    this.prefix = `${this.account}/${this.place}/`;
    this.cells = new Map();
    this.requests = [];
    this.sending = false;
    this.stopped = "";
    this.kept = this.store.keeps;
    this.most = MOST_CELLS;
    this.etag = "";
    this.settled = Promise.resolve();
    if (this.channel) this.channel.onmessage = (event) => this.hear(event.data);
  }

  /* A cell of the page, with what the server has. */
  add(penilaian, anggota, text, version) {
    const cell = {
      key: `${penilaian}-${anggota}`, penilaian, anggota, text, saved: text, known: version, version, state: "", message: "",
      theirs: null, since: "",
    };
    this.cells.set(cell.key, cell);
    return cell;
  }

  /* Take up what an earlier visit of this account left. Unknown cells (a column gone meanwhile) go to `onother`. */
  async restore() {
    let records = [];
    try { records = await this.store.read(this.prefix); } catch { this.kept = false; }
    const changed = [];
    this.requests = records.filter((one) => one.sel).sort((a, b) => (a.pada < b.pada ? -1 : 1));
    const wishes = new Map(records.filter((one) => !one.sel).map((one) => [`${one.penilaian}-${one.anggota}`, one]));
    for (const [key, one] of wishes) if (!this.cells.has(key)) this.onother(one);
    for (const [key, cell] of this.cells) {
      const one = wishes.get(key);
      if (!one || WANTED.has(cell.state)) continue;
      Object.assign(cell, { text: one.nilai, version: one.versi, since: one.pada });
      if (cell.text === cell.saved && !this.underway(cell)) this.rest(cell, "");
      else if (one.keadaan === "bentrok" && one.server.versi >= cell.known) this.meet(cell, one.server);
      else if (one.keadaan === "ditolak") this.mark(cell, "ditolak", one.pesan);
      else this.mark(cell, "belum");
      changed.push(cell);
    }
    this.changed(changed);
    return changed.length + this.requests.length;
  }

  /* Forget a record that no cell of the page answers to. */
  forget(record) { return this.keep([{ drop: record.kunci }]); }

  wanted() { return [...this.cells.values()].filter((cell) => WANTED.has(cell.state)); }

  // ---- What a person does
  type(changes) {
    for (const { cell, text } of changes) {
      if (!WANTED.has(cell.state)) cell.version = cell.known;
      cell.text = text;
      cell.since = this.now();
      const message = this.check(text);
      if (text === cell.saved && !this.underway(cell)) this.rest(cell, cell.state && "tersimpan");
      else this.mark(cell, message ? "ditolak" : "belum", message);
    }
    this.changed(changes.map(({ cell }) => cell));
  }

  keepMine(cell) {
    if (cell.state !== "bentrok") return;
    cell.version = cell.theirs.versi;
    this.mark(cell, "belum");
    this.changed([cell]);
  }

  takeTheirs(cell) {
    if (cell.state !== "bentrok") return;
    this.rest(cell, "tersimpan");
    this.changed([cell]);
  }

  /* Refused marks are asked about again when the person asks: the lock may be open by now. */
  again() {
    const refused = this.wanted().filter((cell) => cell.state === "ditolak" && !this.check(cell.text));
    for (const cell of refused) this.mark(cell, "belum");
    this.changed(refused);
  }

  // ---- States
  mark(cell, state, message = "", theirs = null) { Object.assign(cell, { state, message, theirs }); }

  rest(cell, state) {
    Object.assign(cell, { text: cell.saved, version: cell.known });
    this.mark(cell, state);
  }

  meet(cell, theirs, message = "") {
    Object.assign(cell, { saved: fromServer(theirs.nilai), known: theirs.versi });
    if (cell.text === cell.saved) this.rest(cell, "tersimpan");
    else this.mark(cell, "bentrok", message, theirs);
  }

  underway(cell) {
    return this.requests.some(({ sel }) => sel.some((one) => one.penilaian === cell.penilaian && one.anggota === cell.anggota));
  }

  /* Cells took another state: store it, tell the other tabs of this browser and the page. */
  changed(cells, others = [], handled = new Map()) {
    if (!cells.length && !others.length) return this.settled;
    const writes = cells.map((cell) => (WANTED.has(cell.state) ? { put: this.record(cell) }
      : { drop: `${this.prefix}sel/${cell.key}`, hanya: handled.get(cell) }));
    this.keep([...others, ...writes], cells);
    this.onchange(cells);
    return this.settled;
  }

  keep(writes, cells = []) {
    const told = this.store.write(writes).catch(() => { this.kept = false; this.onchange([]); });
    // Tabs hear of it when it is stored: what they read then is what they were told.
    this.settled = Promise.all([this.settled, told]).then(() => this.say(cells));
    return told;
  }

  record(cell) {
    return {
      kunci: `${this.prefix}sel/${cell.key}`, ...this.label, penilaian: cell.penilaian, anggota: cell.anggota, nilai: cell.text,
      versi: cell.version, keadaan: cell.state, pesan: cell.message, server: cell.theirs, pada: cell.since,
    };
  }

  // ---- Sending
  compose() {
    const ready = this.wanted().filter((cell) => cell.state === "belum").slice(0, this.most);
    if (!ready.length) return null;
    const sel = ready.map((cell) => ({ penilaian: cell.penilaian, anggota: cell.anggota, nilai: cell.text, versi: cell.version }));
    const kunci = newKey();
    const made = { kunci: `${this.prefix}kirim/${kunci}`, ...this.label, id: kunci, sel, pada: this.now() };
    this.requests.push(made);
    return made;
  }

  /* One request and its answer: "terkirim", "kosong" (nothing to send), "sibuk", "putus" or "masuk" (sign in again). */
  async send() {
    if (this.sending) return "sibuk";
    let made = this.requests[0];
    const repeated = Boolean(made);
    if (!made) made = this.compose();
    if (!made) return "kosong";
    this.sending = true;
    this.stopped = "";
    const cells = made.sel.map((one) => this.cells.get(`${one.penilaian}-${one.anggota}`)).filter(Boolean);
    const moving = cells.filter((cell) => cell.state === "belum");
    for (const cell of moving) this.mark(cell, "simpan");
    this.onchange(moving);
    let status = 0;
    let answer = null;
    try {
      // The key is stored before the server can have seen it: a request is never sent again under another name.
      if (!repeated) await this.keep([{ put: made }]);
      ({ status, answer } = await this.ask("POST", { kunci: made.id, sel: made.sel }));
    } catch { status = 0; }
    this.sending = false;
    if (status === 200 && answer && Array.isArray(answer.sel)) { this.accept(made, answer); return "terkirim"; }
    if (status === 422 || status === 400) { this.refuse(made, answer); return "terkirim"; }
    const waiting = cells.filter((cell) => cell.state === "simpan");
    for (const cell of waiting) this.mark(cell, "belum");
    this.stopped = [401, 403, 404].includes(status) ? "masuk" : "putus";
    this.onchange(waiting);
    return this.stopped;
  }

  async ask(method, body) {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), TIMEOUT_MS);
    const headers = { Accept: "application/json", "X-Mutu-Akun": String(this.account) };
    if (body) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": this.token() });
    else if (this.etag) headers["If-None-Match"] = this.etag;
    try {
      const response = await this.fetch(this.url, {
        method, headers, credentials: "same-origin", redirect: "manual", cache: "no-store", signal: stop.signal,
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const status = response.type === "opaqueredirect" ? 401 : response.status;
      const json = (response.headers.get("Content-Type") || "").includes("json");
      return { status, answer: json && status !== 304 ? await response.json() : null, etag: response.headers.get("ETag") || "" };
    } finally { clearTimeout(late); }
  }

  accept(made, answer) {
    const open = new Map(made.sel.map((one) => [`${one.penilaian}-${one.anggota}`, one.nilai]));
    const handled = new Map();
    const others = [];
    this.requests = this.requests.filter((one) => one !== made);
    for (const one of answer.sel) {
      const key = `${one.penilaian}-${one.anggota}`;
      if (!open.has(key)) continue;
      const sent = open.get(key);
      const cell = this.cells.get(key);
      open.delete(key);
      if (!cell) {
        if (one.status === "tersimpan") others.push({ drop: `${this.prefix}sel/${key}`, hanya: [sent] });
        continue;
      }
      const moved = cell.text !== sent;
      handled.set(cell, moved ? undefined : [sent]);
      if (one.status === "tersimpan") {
        // An answer that was given long ago may be older than what the page was made from.
        if (one.versi >= cell.known) Object.assign(cell, { saved: fromServer(one.nilai), known: one.versi });
        cell.version = one.versi;
        if (!moved) this.rest(cell, "tersimpan");
        else if (cell.text === cell.saved && cell.known === one.versi) this.rest(cell, "tersimpan");
        else if (cell.state !== "ditolak") this.mark(cell, "belum");
      } else if (one.status === "bentrok") {
        const theirs = one.server || { nilai: one.nilai, versi: one.versi };
        if (theirs.versi >= cell.known) this.meet(cell, theirs, one.pesan || "");
        else this.mark(cell, "belum");
      } else if (!moved) this.mark(cell, "ditolak", one.pesan || "");
      else if (cell.state === "simpan") this.mark(cell, "belum");
    }
    // A cell that the answer forgot was not acknowledged.
    for (const key of open.keys()) {
      const cell = this.cells.get(key);
      if (cell && cell.state === "simpan") { this.mark(cell, "belum"); handled.set(cell, undefined); }
    }
    this.onresults(answer.hasil || []);
    this.changed([...handled.keys()], [{ drop: made.kunci }, ...others], handled);
    if (!this.requests.length && !this.wanted().length) this.most = MOST_CELLS;
  }

  /* The server could not read the request at all. One cell alone is refused; of several, each is asked by itself. */
  refuse(made, answer) {
    this.requests = this.requests.filter((one) => one !== made);
    const cells = made.sel.map((one) => this.cells.get(`${one.penilaian}-${one.anggota}`)).filter(Boolean);
    const pending = cells.filter((cell) => cell.state === "simpan");
    const reason = answer && Array.isArray(answer.galat) ? answer.galat.map((one) => one.pesan).join(" ") : "";
    for (const cell of pending) this.mark(cell, made.sel.length > 1 ? "belum" : "ditolak", made.sel.length > 1 ? "" : reason);
    this.most = 1;
    this.changed(pending, [{ drop: made.kunci }]);
  }

  /* Fetch what others wrote meanwhile. Only cells at rest take it; whoever is typing has seen the older version. */
  async pull() {
    let status = 0;
    let answer = null;
    let etag = "";
    try { ({ status, answer, etag } = await this.ask("GET")); } catch { return false; }
    if (status === 304) return true;
    if (status !== 200 || !answer) return false;
    const changed = [];
    let whole = true;
    for (const one of answer.sel) {
      const cell = this.cells.get(`${one.penilaian}-${one.anggota}`);
      if (!cell || one.versi <= cell.known) continue;
      if (WANTED.has(cell.state) || this.busy(cell) || this.underway(cell)) { whole = false; continue; }
      Object.assign(cell, { saved: fromServer(one.nilai), known: one.versi });
      this.rest(cell, "tersimpan");
      changed.push(cell);
    }
    // A cell that was passed over must be offered again.
    this.etag = whole ? etag : "";
    this.onresults(answer.hasil || []);
    this.onchange(changed, true);
    return true;
  }

  // ---- Other tabs of this browser: one person, one store, therefore one state
  say(cells) {
    if (!this.channel || !cells.length) return;
    this.channel.postMessage({
      prefix: this.prefix,
      sel: cells.map(({ key, text, version, saved, known, state, message, theirs, since }) =>
        ({ key, text, version, saved, known, state, message, theirs, since })),
    });
  }

  hear(data) {
    if (!data || data.prefix !== this.prefix) return;
    const changed = [];
    for (const one of data.sel) {
      const cell = this.cells.get(one.key);
      if (!cell || this.busy(cell) || this.underway(cell)) continue;
      const newer = one.known > cell.known;
      if (newer) Object.assign(cell, { saved: one.saved, known: one.known });
      if (WANTED.has(one.state)) {
        if (WANTED.has(cell.state) && cell.since > one.since) continue;
        Object.assign(cell, { text: one.text, version: one.version, since: one.since });
        this.mark(cell, one.state === "simpan" ? "belum" : one.state, one.message, one.theirs);
      } else if (!WANTED.has(cell.state) || cell.text === cell.saved || cell.since <= one.since) {
        this.rest(cell, newer ? "tersimpan" : cell.state && "tersimpan");
      } else continue;
      changed.push(cell);
    }
    this.onchange(changed, true);
  }
}
