/* On every page of somebody signed in: marks that still wait in this browser, where, and a warning before signing out.
 *
 * Only the marks of this account are looked at; those of a colleague on the same laptop stay where they are.
 */
import { openStore } from "./store.js";

const note = document.getElementById("belum-terkirim");
const words = note.dataset;
const store = await openStore();
const prefix = `${words.akun}/`;

const waiting = async () => (await store.read(prefix)).filter((one) => !one.sel);

function line(place, records) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const drop = document.createElement("button");
  Object.assign(link, { href: records[0].alamat, textContent: records[0].judul });
  Object.assign(drop, { type: "button", className: "link", textContent: words.buang });
  drop.addEventListener("click", async () => {
    if (!window.confirm(words.tanya.replace("{n}", records.length))) return;
    const all = await store.read(place);
    await store.write(all.map(({ kunci }) => ({ drop: kunci })));
    await show();
  });
  item.append(link, ` (${records.length}) `, drop);
  return item;
}

async function show() {
  const places = new Map();
  for (const one of await waiting()) {
    // On the grid itself its own counter speaks.
    if (one.alamat === location.pathname && document.querySelector("table[data-kisi]")) continue;
    const place = one.kunci.slice(0, one.kunci.indexOf("/sel/") + 1);
    places.set(place, [...(places.get(place) || []), one]);
  }
  const total = [...places.values()].reduce((sum, records) => sum + records.length, 0);
  note.hidden = !total;
  const text = document.createElement("p");
  const list = document.createElement("ul");
  text.textContent = words.kalimat.replace("{n}", total);
  for (const [place, records] of places) list.append(line(place, records));
  note.firstElementChild.replaceChildren(...(total ? [text, list] : []));
}

for (const form of document.querySelectorAll('form[data-keluar]')) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const count = (await waiting()).length;
    if (count && !window.confirm(words.pamit.replace("{n}", count))) return;
    document.documentElement.dataset.pergi = "1";
    form.submit();
  });
}
window.addEventListener("pageshow", (event) => { if (event.persisted) show(); });
if ("BroadcastChannel" in window) new BroadcastChannel("mutu-kisi").onmessage = show;
await show();
