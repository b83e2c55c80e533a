/* The mark grid: keyboard, paste, undo and what stands on the page (see mutu/web/README.md).
 *
 * queue.js holds the marks on their way to the server, store.js keeps them in this browser until they have arrived.
 * Here a cell has two texts more: what stands in the input, and what of it was committed last (`shown`).
 */
import { Queue, fromServer } from "./queue.js";
import { openStore } from "./store.js";

const table = document.querySelector("table[data-kisi]");
const form = table.closest("form");
const words = document.getElementById("kisi-kata").dataset;
const live = form.querySelector("[data-kisi-status]");
const counter = form.querySelector("[data-kisi-belum]");
const problems = form.querySelector("[data-kisi-masalah]");
const RETRY_SECONDS = [2, 5, 15, 30];
const QUIET_MS = 150;

const queue = new Queue({
  account: table.dataset.akun || "0", place: table.dataset.tempat || "-", url: table.dataset.saveUrl, store: await openStore(),
  label: { judul: table.dataset.judul || document.title, alamat: location.pathname },
  token() {
    const cookie = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
    return cookie ? cookie[1] : form.elements.csrfmiddlewaretoken.value;
  },
  check: precheck, busy, onchange: drawAll, onresults: showResults, onother: showStray,
  channel: "BroadcastChannel" in window ? new BroadcastChannel("mutu-kisi") : null,
});

// ---- Cells
const cells = [];
const byInput = new Map();
const columns = [...new Set([...table.tBodies].flatMap((body) => [...body.rows]).flatMap((row) =>
  [...row.querySelectorAll("input[data-penilaian]")].map((input) => input.closest("td").cellIndex)))].sort((a, b) => a - b);
const grid = [...table.tBodies].flatMap((body) => [...body.rows]).map((row, r) =>
  columns.map((index, c) => {
    const input = row.cells[index] && row.cells[index].querySelector("input[data-penilaian]");
    if (!input || input.readOnly || input.disabled) return null;
    const { penilaian, anggota, versi } = input.dataset;
    const cell = queue.add(Number(penilaian), Number(anggota), input.defaultValue, Number(versi));
    Object.assign(cell, {
      input, r, c, td: row.cells[index], shown: input.defaultValue, item: null, hidden: form.elements[`v-${penilaian}-${anggota}`],
    });
    // A plain form that came back with a refused value: it is on the page, but the server does not have it.
    if (input.getAttribute("aria-invalid") === "true") cell.saved = null;
    cells.push(cell);
    byInput.set(input, cell);
    return cell;
  }));
const results = new Map();
for (const node of form.querySelectorAll("[data-hasil]")) results.set(`${node.dataset.hasil}-${node.dataset.anggota}`, node);
const strays = new Set();

function busy(cell) { return cell.input.value !== cell.shown; }

// ---- State on the page: a shape in the cell, a word for assistive technology, a line in the list of problems
const STATES = ["simpan", "tersimpan", "belum", "ditolak", "bentrok"];
function draw(cell) {
  const { state } = cell;
  if (!busy(cell)) cell.input.value = cell.shown = cell.text;
  cell.input.dataset.versi = cell.known;
  if (cell.hidden) cell.hidden.value = cell.known;
  if (state) cell.td.dataset.keadaan = state; else delete cell.td.dataset.keadaan;
  const wrong = state === "ditolak" || state === "bentrok";
  if (wrong) cell.input.setAttribute("aria-invalid", "true"); else cell.input.removeAttribute("aria-invalid");
  const note = cell.td.querySelector(".cell-note");
  if (note) note.remove();
  if (cell.item) { cell.item.remove(); cell.item = null; }
  if (wrong) showProblem(cell);
  if (wrong) cell.input.setAttribute("aria-describedby", cell.item.id);
  else if (state) cell.input.setAttribute("aria-describedby", `kisi-k-${state}`);
  else cell.input.removeAttribute("aria-describedby");
}
function drawAll(changed, fromOutside = false) {
  for (const cell of changed) draw(cell);
  // Undo takes back one's own work, never what somebody else wrote meanwhile.
  if (fromOutside) forgetUndo(new Set(changed));
  refresh();
}

function element(tag, text, attributes = {}) {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
function button(text, act) {
  const node = element("button", text, { type: "button", class: "link" });
  node.addEventListener("click", act);
  return node;
}
const when = new Intl.DateTimeFormat(document.documentElement.lang || "id", { dateStyle: "long", timeStyle: "short" });
const shown = (text) => (text === "" ? words.kosong : text);
const aside = (...parts) => (parts.some(Boolean) ? ` (${parts.filter(Boolean).join(", ")})` : "");

function showProblem(cell) {
  const item = element("li", "", { id: `masalah-${cell.penilaian}-${cell.anggota}` });
  const place = element("a", cell.input.getAttribute("aria-label"), { href: `#${cell.input.id}` });
  place.addEventListener("click", (event) => { event.preventDefault(); focusCell(cell); });
  item.append(element("b", words[cell.state], { class: `word-${cell.state}` }), " · ", place, ": ");
  if (cell.state === "bentrok") {
    const { nilai, oleh, pada } = cell.theirs;
    item.append(`${words.milik} ${shown(cell.text)}${aside(cell.since && when.format(new Date(cell.since)))}. `,
      `${words.orang} ${shown(fromServer(nilai))}${aside(oleh, pada)}. `,
      button(words.pakai, () => keepMine(cell)), " ", button(words.ambil, () => takeTheirs(cell)));
  } else {
    item.append(`“${cell.text.slice(0, 40)}” `, cell.message || words.ditolak);
  }
  cell.item = item;
  problems.append(item);
}

/* A mark that waits for a column or pupil that is gone: it can neither be sent nor shown in a cell. */
function showStray(record) {
  const item = element("li");
  strays.add(record);
  item.append(element("b", words.ditolak, { class: "word-ditolak" }), ` · “${record.nilai.slice(0, 40)}” ${words.hilang} `,
    button(words.buang, () => { queue.forget(record); strays.delete(record); item.remove(); refresh(); }));
  problems.append(item);
}

function showResults(rows) {
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const node = results.get(`${name}-${row.anggota}`);
      if (!node) continue;
      if (name === "kenapa") { node.hidden = !value; if (value) node.href = value; continue; }
      node.textContent = Array.isArray(value) ? value.join(", ") : value === null || value === "" ? "–" : value;
      if (name === "status") node.dataset.status = value || "";
    }
  }
}

function unsent() {
  return strays.size + cells.filter((cell) => cell.input.value !== cell.saved || (cell.state && cell.state !== "tersimpan")).length;
}
function refresh(announcement = "") {
  const count = unsent();
  counter.textContent = count;
  counter.parentElement.classList.toggle("some", count > 0);
  problems.hidden = !problems.childElementCount;
  const wrong = cells.filter((cell) => cell.state === "ditolak" || cell.state === "bentrok").length;
  const rest = wrong ? `${wrong} ${words.betulkan}` : count ? `${count} ${words.belum}` : words.semua;
  const held = queue.stopped === "masuk" ? words.masuk : queue.kept ? words.putus : words.sementara;
  const text = announcement || (queue.sending ? `${words.simpan} …` : queue.stopped && count ? `${count} ${held}` : rest);
  if (live.textContent !== text) live.textContent = text;
}

// ---- Changing cells
const undoStack = [];
const redoStack = [];

function precheck(text) {
  const { terkecil, terbesar, desimal } = table.dataset;
  if (terbesar === undefined || text.trim() === "") return "";
  const places = Number(desimal || 0);
  const pattern = places ? new RegExp(`^[0-9]{1,6}([.,][0-9]{1,${places}})?$`) : /^[0-9]{1,6}$/;
  const number = pattern.test(text.trim()) ? Number(text.trim().replace(",", ".")) : NaN;
  if (number >= Number(terkecil || 0) && number <= Number(terbesar)) return "";
  return words.bukan.replace("{min}", terkecil || 0).replace("{max}", terbesar).replace("{desimal}", places);
}

function put(changes) {
  for (const { cell, text } of changes) cell.input.value = cell.shown = text;
  queue.type(changes);
}
function change(changes, announcement = "") {
  const real = changes.filter(({ cell, after }) => cell.text !== after || cell.input.value !== after)
    .map(({ cell, after }) => ({ cell, before: cell.text, after }));
  if (!real.length) return refresh(announcement);
  undoStack.push(real);
  redoStack.length = 0;
  put(real.map(({ cell, after }) => ({ cell, text: after })));
  refresh(announcement);
  schedule();
}
function revert(cell) { cell.input.value = cell.shown = cell.text; }
function commit(cell) {
  if (cell && cell.input.value !== cell.text) change([{ cell, after: cell.input.value }]);
}
function step(from, to, side, word) {
  const batch = from.pop();
  if (!batch) return;
  to.push(batch);
  put(batch.map((one) => ({ cell: one.cell, text: one[side] })));
  focusCell(batch[0].cell);
  refresh(`${word}: ${batch.length}`);
  schedule();
}
function forgetUndo(gone) {
  for (const stack of [undoStack, redoStack]) {
    const left = stack.map((batch) => batch.filter(({ cell }) => !gone.has(cell))).filter((batch) => batch.length);
    stack.splice(0, stack.length, ...left);
  }
}

function keepMine(cell) {
  queue.keepMine(cell);
  focusCell(cell);
  schedule(0);
}
function takeTheirs(cell) {
  revert(cell);
  queue.takeTheirs(cell);
  forgetUndo(new Set([cell]));
  focusCell(cell);
  deliver(true);
}

// ---- Sending: one request at a time; when the way is open again, also what others wrote meanwhile
let timer = 0;
let failures = 0;
let running = false;
let behind = false;

function schedule(delay = QUIET_MS) {
  clearTimeout(timer);
  timer = setTimeout(deliver, delay);
}
async function deliver(alsoFetch = false) {
  behind = behind || alsoFetch;
  if (running) return;
  running = true;
  clearTimeout(timer);
  let outcome = "terkirim";
  while (outcome === "terkirim") {
    const going = queue.send();
    refresh();
    outcome = await going;
    if (outcome === "terkirim") failures = 0;
  }
  if (outcome === "kosong" && behind) behind = !(await queue.pull());
  running = false;
  if (outcome === "putus") schedule(1000 * RETRY_SECONDS[Math.min(failures++, RETRY_SECONDS.length - 1)]);
  if (outcome !== "kosong") behind = true;
  else if (queue.wanted().some((cell) => cell.state === "belum")) schedule(0);
  refresh();
}

// ---- Moving
let editing = false;
let active = null;

function focusCell(cell) {
  cell.input.focus({ preventScroll: true });
  cell.input.select();
  cell.input.scrollIntoView({ block: "nearest", inline: "nearest" });
}
function move(cell, dr, dc) {
  let r = cell.r + dr;
  let c = cell.c + dc;
  while (grid[r] && c >= 0 && c < columns.length) {
    if (grid[r][c]) return focusCell(grid[r][c]);
    r += dr;
    c += dc;
  }
  cell.input.select();
}
function edge(cell, dr, dc) {
  let last = cell;
  for (let r = cell.r + dr, c = cell.c + dc; grid[r] && c >= 0 && c < columns.length; r += dr, c += dc) last = grid[r][c] || last;
  focusCell(last);
}

table.addEventListener("focusin", (event) => {
  const cell = byInput.get(event.target);
  if (!cell) return;
  editing = false;
  active = cell;
  cell.td.parentElement.classList.add("here");
  cell.input.select();
});
table.addEventListener("focusout", (event) => {
  const cell = byInput.get(event.target);
  if (!cell) return;
  cell.td.parentElement.classList.remove("here");
  cell.td.classList.remove("editing");
  active = null;
  commit(cell);
});
table.addEventListener("input", (event) => { if (byInput.has(event.target)) refresh(); });
table.addEventListener("dblclick", (event) => { const cell = byInput.get(event.target); if (cell) startEditing(cell); });

function startEditing(cell) {
  editing = true;
  cell.td.classList.add("editing");
  cell.input.setSelectionRange(cell.input.value.length, cell.input.value.length);
}

table.addEventListener("keydown", (event) => {
  const cell = byInput.get(event.target);
  if (!cell || event.isComposing || event.altKey) return;
  const ctrl = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = {
    Enter: () => { commit(cell); move(cell, event.shiftKey ? -1 : 1, 0); },
    F2: () => (editing ? (editing = false, cell.td.classList.remove("editing"), cell.input.select()) : startEditing(cell)),
    Escape: () => {
      revert(cell);
      editing = false;
      cell.td.classList.remove("editing");
      cell.input.select();
      refresh();
    },
  }[key];
  if (act && !ctrl) { event.preventDefault(); return act(); }
  if (ctrl && key === "z" && !event.shiftKey) {
    event.preventDefault();
    if (cell.input.value !== cell.text) { revert(cell); cell.input.select(); return refresh(); }
    return step(undoStack, redoStack, "before", words.urung);
  }
  if (ctrl && (key === "y" || (key === "z" && event.shiftKey))) {
    event.preventDefault();
    commit(cell);
    return step(redoStack, undoStack, "after", words.ulang);
  }
  if (ctrl && key === "d") {
    event.preventDefault();
    return event.shiftKey ? fillBelow(cell) : fillFromAbove(cell);
  }
  if (editing || (event.shiftKey && key !== "Tab")) return;
  const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
  if (arrows) {
    event.preventDefault();
    commit(cell);
    return ctrl ? edge(cell, ...arrows) : move(cell, ...arrows);
  }
  const far = { Home: [0, -1], End: [0, 1] }[key];
  if (far) {
    event.preventDefault();
    commit(cell);
    edge(cell, ...far);
    if (ctrl) edge(active || cell, far[1], 0);
  }
});

function fillFromAbove(cell) {
  const above = cell.r > 0 && grid[cell.r - 1][cell.c];
  if (!above) return;
  change([{ cell, after: above.text }]);
  cell.input.select();
}
function fillBelow(cell) {
  commit(cell);
  const empty = grid.slice(cell.r + 1).map((row) => row[cell.c]).filter((below) => below && below.text === "");
  change(empty.map((below) => ({ cell: below, after: cell.text })));
}

// ---- Pasting a block: tab-separated rows, quoted cells as spreadsheets write them
function parseBlock(text) {
  const rows = [[]];
  const pattern = /("(?:[^"]|"")*"|[^\t\r\n]*)(\t|\r\n|\r|\n|$)/y;
  for (;;) {
    const match = pattern.exec(text);
    if (!match) break;
    const raw = match[1];
    rows[rows.length - 1].push(raw.startsWith('"') && raw.endsWith('"') && raw.length > 1 ? raw.slice(1, -1).replace(/""/g, '"') : raw);
    if (match[2] === "" || pattern.lastIndex >= text.length) break;
    if (match[2] !== "\t") rows.push([]);
  }
  return rows;
}

table.addEventListener("paste", (event) => {
  const cell = byInput.get(event.target);
  const text = event.clipboardData && event.clipboardData.getData("text/plain");
  if (!cell || !text || (editing && !/[\t\n]/.test(text.trim()))) return;
  event.preventDefault();
  const changes = [];
  let outside = false;
  parseBlock(text).forEach((row, dr) => row.forEach((value, dc) => {
    // An empty cell of the block leaves the mark alone: a gap in the sheet must not take a mark back.
    if (value.trim() === "") return;
    const target = grid[cell.r + dr] && grid[cell.r + dr][cell.c + dc];
    if (target) changes.push({ cell: target, after: value.trim() }); else outside = true;
  }));
  change(changes, `${changes.length} ${words.tempel}. ${outside ? words.luar : ""}`.trim());
  editing = false;
  focusCell(cell);
});

// ---- Leaving, coming back, the Save button
form.addEventListener("submit", (event) => {
  event.preventDefault();
  commit(active);
  failures = 0;
  queue.again();
  deliver();
});
window.addEventListener("beforeunload", (event) => {
  // Signing out has asked already.
  if (!unsent() || document.documentElement.dataset.pergi) return;
  event.preventDefault();
  event.returnValue = "";
});
window.addEventListener("online", () => { failures = 0; deliver(true); });
window.addEventListener("pageshow", (event) => { if (event.persisted) deliver(true); });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") commit(active);
  failures = 0;
  deliver(document.visibilityState === "visible");
});

for (const state of STATES) {
  document.getElementById("kisi-kata").append(element("span", words[state], { id: `kisi-k-${state}` }));
}
for (const cell of cells) {
  if (cell.saved !== null) continue;
  const note = cell.td.querySelector(".cell-note");
  queue.mark(cell, "ditolak", note ? note.textContent : words.ditolak);
  draw(cell);
}
const waited = await queue.restore();
table.classList.add("ready");
refresh(unsent() ? "" : live.textContent);
if (waited) deliver(true);
