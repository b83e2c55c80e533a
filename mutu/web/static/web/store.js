/* Where unsent marks wait in this browser, so that a reload, a closed tab or an empty battery loses none of them.
 *
 * A record is a plain object with a `kunci` that begins with the number of the account that typed it: `7/12/1/sel/3-40`.
 * Records hold numbers and marks, never names: this may be the laptop of the teachers' room. IndexedDB first; where the
 * browser refuses it, localStorage; where it refuses both, nothing is kept and `keeps` is false.
 */
const NAME = "mutu-kisi";
const TABLE = "catatan";
const OPEN_MS = 3000;

const request = (asked) => new Promise((resolve, reject) => {
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

/* Whether a change to drop a record may go on: `hanya` names the text that was dealt with; a newer one stays. */
const mayDrop = (stored, hanya) => stored && (hanya === undefined || hanya.includes(stored.nilai));

class Database {
  constructor(db) { this.db = db; this.keeps = true; }

  async read(prefix) {
    const table = this.db.transaction(TABLE).objectStore(TABLE);
    return request(table.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
  }

  /* All changes or none: {put: record} or {drop: kunci, hanya: [texts]}. Resolves when they are on the disk. */
  write(changes) {
    return new Promise((resolve, reject) => {
      const work = this.db.transaction(TABLE, "readwrite", { durability: "strict" });
      const table = work.objectStore(TABLE);
      work.oncomplete = () => resolve();
      work.onerror = work.onabort = () => reject(work.error);
      for (const { put, drop, hanya } of changes) {
        if (put) table.put(put);
        else if (hanya === undefined) table.delete(drop);
        else {
          const asked = table.get(drop);
          asked.onsuccess = () => { if (mayDrop(asked.result, hanya)) table.delete(drop); };
        }
      }
      // Said at once, because the page may be closing: an unfinished transaction would be thrown away with it.
      if (work.commit && changes.every(({ hanya }) => hanya === undefined)) work.commit();
    });
  }
}

class Local {
  constructor(area) { this.area = area; this.keeps = true; }

  async read(prefix) {
    const found = [];
    for (let i = 0; i < this.area.length; i += 1) {
      const key = this.area.key(i);
      if (key.startsWith(`${NAME}:${prefix}`)) found.push(JSON.parse(this.area.getItem(key)));
    }
    return found.sort((a, b) => (a.kunci < b.kunci ? -1 : 1));
  }

  async write(changes) {
    for (const { put, drop, hanya } of changes) {
      if (put) this.area.setItem(`${NAME}:${put.kunci}`, JSON.stringify(put));
      else if (mayDrop(JSON.parse(this.area.getItem(`${NAME}:${drop}`)), hanya)) this.area.removeItem(`${NAME}:${drop}`);
    }
  }
}

class Nothing {
  constructor() { this.keeps = false; }

  async read() { return []; }

  async write() { /* The page says that it must stay open. */ }
}

function openDatabase(name) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(TABLE, { keyPath: "kunci" });
    asked.onsuccess = () => resolve(new Database(asked.result));
    asked.onerror = asked.onblocked = () => reject(asked.error);
    setTimeout(() => reject(new Error("timeout")), OPEN_MS);
  });
}

function openLocal() {
  localStorage.setItem(`${NAME}?`, "1");
  localStorage.removeItem(`${NAME}?`);
  return new Local(localStorage);
}

/* The store of this browser. `name` keeps the stores of two made-up devices apart in tests. */
export async function openStore(name = NAME) {
  let local = null;
  try { local = openLocal(); } catch { /* refused: see below */ }
  try {
    const database = await openDatabase(name);
    if (local) {
      // What an earlier visit had to leave in localStorage moves over.
      const left = await local.read("");
      if (left.length) {
        await database.write(left.map((put) => ({ put })));
        await local.write(left.map(({ kunci }) => ({ drop: kunci })));
      }
    }
    return database;
  } catch { return local || new Nothing(); }
}
