/* The mark grid: keyboard, paste, undo and autosave over a plain form (see mutu/web/README.md).
 *
 * Each cell knows three texts: what stands in the input, what was committed (`text`), and what the server last
 * acknowledged (`saved`). A cell is at rest only when all three agree. Texts are sent as typed: the server decides.
 */
"use strict";
(() => {
  const table = document.querySelector("table[data-kisi]");
  if (!table) return;
  const form = table.closest("form");
  const words = document.getElementById("kisi-kata").dataset;
  const live = form.querySelector("[data-kisi-status]");
  const counter = form.querySelector("[data-kisi-belum]");
  const problems = form.querySelector("[data-kisi-masalah]");
  const RETRY_SECONDS = [2, 5, 15, 30];
  const QUIET_MS = 150;
  const CELLS_PER_REQUEST = 250;

  // ---- Cells
  const cells = [];
  const byInput = new Map();
  const byKey = new Map();
  const columns = [...new Set([...table.tBodies].flatMap((body) => [...body.rows]).flatMap((row) =>
    [...row.querySelectorAll("input[data-penilaian]")].map((input) => input.closest("td").cellIndex)))].sort((a, b) => a - b);
  const grid = [...table.tBodies].flatMap((body) => [...body.rows]).map((row, r) =>
    columns.map((index, c) => {
      const input = row.cells[index] && row.cells[index].querySelector("input[data-penilaian]");
      if (!input || input.readOnly || input.disabled) return null;
      const cell = {
        input, r, c, td: row.cells[index], assessment: Number(input.dataset.penilaian), member: Number(input.dataset.anggota),
        version: Number(input.dataset.versi), text: input.value, saved: input.value, state: "", message: "", theirs: null,
        item: null, hidden: form.elements[`v-${input.dataset.penilaian}-${input.dataset.anggota}`],
      };
      // A plain form that came back with a refused value: it is on the page, but the server does not have it.
      if (input.getAttribute("aria-invalid") === "true") cell.saved = null;
      cells.push(cell);
      byInput.set(input, cell);
      byKey.set(`${cell.assessment}-${cell.member}`, cell);
      return cell;
    }));
  const results = new Map();
  for (const node of form.querySelectorAll("[data-hasil]")) results.set(`${node.dataset.hasil}-${node.dataset.anggota}`, node);

  // ---- State on the page: a shape in the cell, a word for assistive technology, a line in the list of problems
  const notAMark = words.bukan.replace("{min}", table.dataset.terkecil || 0).replace("{max}", table.dataset.terbesar || "")
    .replace("{desimal}", table.dataset.desimal || 0);
  const WORD_OF = { simpan: "simpan", tersimpan: "tersimpan", belum: "belum", ditolak: "ditolak", bentrok: "bentrok" };
  function setState(cell, state, message = "", theirs = null) {
    cell.state = state;
    cell.message = message;
    cell.theirs = theirs;
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

  function element(tag, text, attributes = {}) {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  }

  function showProblem(cell) {
    const item = element("li", "", { id: `masalah-${cell.assessment}-${cell.member}` });
    const place = element("a", cell.input.getAttribute("aria-label"), { href: `#${cell.input.id}` });
    place.addEventListener("click", (event) => { event.preventDefault(); focusCell(cell); });
    item.append(element("b", words[WORD_OF[cell.state]], { class: `word-${cell.state}` }), " · ", place, ": ");
    if (cell.state === "bentrok" && cell.theirs) {
      const { nilai, oleh, pada } = cell.theirs;
      item.append(`${words.milik} ${shown(cell.text)}. ${words.orang} ${shown(fromServer(nilai))}`,
        oleh || pada ? ` (${[oleh, pada].filter(Boolean).join(", ")}). ` : ". ");
      const mine = element("button", words.pakai, { type: "button", class: "link" });
      mine.addEventListener("click", () => keepMine(cell));
      const theirs = element("button", words.ambil, { type: "button", class: "link" });
      theirs.addEventListener("click", () => takeTheirs(cell));
      item.append(mine, " ", theirs);
    } else {
      item.append(`“${cell.text.slice(0, 40)}” `, cell.message);
    }
    cell.item = item;
    problems.append(item);
  }

  const shown = (text) => (text === "" ? words.kosong : text);
  const fromServer = (value) => (value === null || value === undefined ? "" : String(value).replace(".", ","));

  function unsent() {
    return cells.filter((cell) => cell.input.value !== cell.saved || (cell.state && cell.state !== "tersimpan")).length;
  }
  function refresh(announcement = "") {
    const count = unsent();
    counter.textContent = count;
    counter.parentElement.classList.toggle("some", count > 0);
    problems.hidden = !problems.childElementCount;
    const wrong = cells.filter((cell) => cell.state === "ditolak" || cell.state === "bentrok").length;
    const rest = wrong ? `${wrong} ${words.betulkan}` : count ? `${count} ${words.belum}` : words.semua;
    const text = announcement || (inFlight ? `${words.simpan} …` : stopped || rest);
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
    return number >= Number(terkecil || 0) && number <= Number(terbesar) ? "" : notAMark;
  }

  function put(cell, text) {
    cell.input.value = text;
    cell.text = text;
    if (text === cell.saved && !sentCells.has(cell)) return setState(cell, cell.state ? "tersimpan" : "");
    const message = precheck(text);
    setState(cell, message ? "ditolak" : "belum", message);
  }

  function change(changes, announcement = "") {
    const real = changes.filter(({ cell, after }) => cell.text !== after || cell.input.value !== after)
      .map(({ cell, after }) => ({ cell, before: cell.text, after }));
    if (!real.length) return refresh(announcement);
    undoStack.push(real);
    redoStack.length = 0;
    for (const { cell, after } of real) put(cell, after);
    refresh(announcement);
    schedule();
  }

  function commit(cell) {
    if (cell && cell.input.value !== cell.text) change([{ cell, after: cell.input.value }]);
  }
  function step(from, to, side, word) {
    const batch = from.pop();
    if (!batch) return;
    to.push(batch);
    for (const one of batch) put(one.cell, one[side]);
    focusCell(batch[0].cell);
    refresh(`${word}: ${batch.length}`);
    schedule();
  }

  function keepMine(cell) {
    cell.version = cell.theirs.versi;
    setState(cell, "belum");
    focusCell(cell);
    refresh();
    schedule(0);
  }
  function takeTheirs(cell) {
    const { nilai, versi } = cell.theirs;
    acknowledge(cell, fromServer(nilai), versi);
    cell.input.value = cell.text = cell.saved;
    setState(cell, "tersimpan");
    focusCell(cell);
    refresh();
  }

  // ---- Saving: one request at a time; a request that got no answer is repeated as it was, with its key
  const sentCells = new Map();
  let inFlight = false;
  let waiting = null;
  let failures = 0;
  let timer = 0;
  let stopped = "";

  function schedule(delay = QUIET_MS) {
    clearTimeout(timer);
    timer = setTimeout(send, delay);
  }

  function token() {
    const cookie = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
    return cookie ? cookie[1] : form.elements.csrfmiddlewaretoken.value;
  }
  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID();
    // Plain http on a school's own network has no randomUUID.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return [...bytes].map((byte, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
  }

  function nextRequest() {
    const ready = cells.filter((cell) => cell.state === "belum").slice(0, CELLS_PER_REQUEST);
    if (!ready.length) return null;
    const sel = ready.map((cell) => ({ penilaian: cell.assessment, anggota: cell.member, nilai: cell.text, versi: cell.version }));
    for (const cell of ready) sentCells.set(cell, cell.text);
    return { kunci: uuid(), sel };
  }

  async function send() {
    if (inFlight) return;
    waiting = waiting || nextRequest();
    if (!waiting) return refresh();
    inFlight = true;
    stopped = "";
    for (const cell of sentCells.keys()) if (cell.state === "belum") setState(cell, "simpan");
    refresh();
    let answer = null;
    let status = 0;
    try {
      const response = await fetch(table.dataset.saveUrl, {
        method: "POST", credentials: "same-origin", redirect: "manual", body: JSON.stringify(waiting),
        headers: { "Content-Type": "application/json", "X-CSRFToken": token(), Accept: "application/json" },
      });
      status = response.type === "opaqueredirect" ? 401 : response.status;
      if (status === 200) answer = await response.json();
    } catch { answer = null; }
    inFlight = false;
    if (answer && Array.isArray(answer.sel)) {
      accept(answer);
      failures = 0;
      waiting = null;
      refresh();
      if (cells.some((cell) => cell.state === "belum")) schedule(0);
      return;
    }
    for (const cell of sentCells.keys()) if (cell.state === "simpan") setState(cell, "belum");
    const signedOut = [401, 403, 404].includes(status);
    stopped = signedOut ? words.masuk : words.putus;
    refresh();
    if (!signedOut) schedule(1000 * RETRY_SECONDS[Math.min(failures++, RETRY_SECONDS.length - 1)]);
  }

  function acknowledge(cell, text, version) {
    cell.saved = text;
    cell.version = version;
    cell.input.dataset.versi = version;
    if (cell.hidden) cell.hidden.value = version;
  }

  function accept(answer) {
    const open = new Map(sentCells);
    sentCells.clear();
    for (const one of answer.sel) {
      const cell = byKey.get(`${one.penilaian}-${one.anggota}`);
      if (!cell || !open.has(cell)) continue;
      const sent = open.get(cell);
      open.delete(cell);
      if (one.status === "tersimpan") {
        const stored = fromServer(one.nilai);
        acknowledge(cell, stored, one.versi);
        if (cell.text !== sent) {
          // Typed on while the request was under way: the newer text goes out against the new version.
          if (cell.state !== "ditolak") setState(cell, cell.text === stored ? "tersimpan" : "belum");
          continue;
        }
        if (cell.input.value === sent) cell.input.value = stored;
        cell.text = stored;
        setState(cell, "tersimpan");
      } else if (cell.text !== sent && one.status === "ditolak") {
        if (cell.state === "simpan") setState(cell, "belum");
      } else if (one.status === "bentrok") {
        setState(cell, "bentrok", one.pesan || "", one.server || { nilai: one.nilai, versi: one.versi });
      } else {
        setState(cell, "ditolak", one.pesan || words.ditolak);
      }
    }
    // A cell the answer forgot was not acknowledged.
    for (const cell of open.keys()) if (cell.state === "simpan") setState(cell, "belum");
    for (const row of answer.hasil || []) {
      for (const [name, value] of Object.entries(row)) {
        const node = results.get(`${name}-${row.anggota}`);
        if (!node) continue;
        if (name === "kenapa") { node.hidden = !value; if (value) node.href = value; continue; }
        node.textContent = Array.isArray(value) ? value.join(", ") : value === null || value === "" ? "–" : value;
        if (name === "status") node.dataset.status = value || "";
      }
    }
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
        if (cell.input.value !== cell.text) cell.input.value = cell.text;
        editing = false;
        cell.td.classList.remove("editing");
        cell.input.select();
        refresh();
      },
    }[key];
    if (act && !ctrl) { event.preventDefault(); return act(); }
    if (ctrl && key === "z" && !event.shiftKey) {
      event.preventDefault();
      if (cell.input.value !== cell.text) { cell.input.value = cell.text; cell.input.select(); return refresh(); }
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
    clearTimeout(timer);
    failures = 0;
    send();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!unsent()) return;
    event.preventDefault();
    event.returnValue = "";
  });
  window.addEventListener("online", () => { failures = 0; schedule(0); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && active) { commit(active); schedule(0); }
  });

  for (const state of Object.keys(WORD_OF)) {
    document.getElementById("kisi-kata").append(element("span", words[WORD_OF[state]], { id: `kisi-k-${state}` }));
  }
  for (const cell of cells) {
    if (cell.saved === null) {
      const note = cell.td.querySelector(".cell-note");
      setState(cell, "ditolak", note ? note.textContent : words.ditolak);
    }
  }
  table.classList.add("ready");
  refresh(unsent() ? "" : live.textContent);
})();
