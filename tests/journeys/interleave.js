/* Two devices of one teacher write the same few cells, offline and online in every order that a seed gives.
 *
 * The devices are the real queue over the real IndexedDB and the real server; only the way between them fails as told.
 * An observer beside them notes what each device showed and what the server took, and judges by those notes alone.
 */
async ({ url, account, cells, seeds, steps }) => {
  const { Queue } = await import("/static/web/queue.js");
  const { openStore } = await import("/static/web/store.js");
  const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)[1];

  const generator = (seed) => () => {
    seed = (seed + 0x6D2B79F5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const stores = { a: await openStore("uji-a"), b: await openStore("uji-b") };
  const accepted = [];
  const totals = { kirim: 0, bentrok: 0, hilang: 0, ulang: 0, muat: 0, ditolak: 0 };

  async function serverState() {
    const sheet = await (await fetch(url, { cache: "no-store" })).json();
    return new Map(cells.map((key) => {
      const one = sheet.sel.find((mark) => `${mark.penilaian}-${mark.anggota}` === key) || { nilai: "", versi: 0 };
      return [key, one];
    }));
  }

  async function run(seed) {
    const random = generator(seed);
    const pick = (list) => list[Math.floor(random() * list.length)];
    const faults = [];
    const story = [];
    let clock = 0;
    let counter = 0;

    async function device(name) {
      const one = { name, way: "terbuka", seen: new Set(), wanted: new Map(), shown: [] };
      // The way to the server: open, cut before it, cut behind it, or a gateway that answers for a server that is away.
      one.fetch = async (address, options) => {
        if (one.way === "putus") throw new TypeError("no way");
        if (one.way === "gerbang") return new Response("<h1>502</h1>", { status: 502, headers: { "Content-Type": "text/html" } });
        const response = await fetch(address, options);
        if (options.method === "POST") {
          totals.kirim += 1;
          const given = await response.clone().json();
          const asked = JSON.parse(options.body);
          const before = accepted.length;
          (given.sel || []).forEach((cell) => {
            const key = `${cell.penilaian}-${cell.anggota}`;
            const saw = asked.sel.find((sent) => `${sent.penilaian}-${sent.anggota}` === key).versi;
            const known = accepted.some((past) => past.key === key && past.versi === cell.versi);
            if (cell.status !== "tersimpan") return;
            if (!known && cell.versi === saw + 1) {
              accepted.push({ key, nilai: cell.nilai, versi: cell.versi, oleh: name, seed });
              if (!one.seen.has(`${key}@${saw}`)) faults.push(`${name} replaced version ${saw} of ${key} without having shown it`);
            }
            // Its own, or the very value that it asked for.
            one.seen.add(`${key}@${cell.versi}`);
          });
          if (one.sent === asked.kunci && accepted.length !== before) faults.push(`${name} had an effect twice`);
          if (one.sent === asked.kunci) totals.ulang += 1;
          one.sent = asked.kunci;
        }
        if (one.way === "hilang") { totals.hilang += 1; throw new TypeError("answer lost"); }
        return response;
      };
      one.open = async () => {
        const now = await serverState();
        one.queue = new Queue({
          account, place: `uji/${seed}`, url, store: stores[name], token, fetch: one.fetch,
          now: () => `2026-11-21T22:${String(clock += 1).padStart(6, "0")}`,
        });
        for (const key of cells) {
          const [penilaian, anggota] = key.split("-").map(Number);
          one.queue.add(penilaian, anggota, now.get(key).nilai, now.get(key).versi);
        }
        await one.queue.restore();
      };
      await one.open();
      observe(one);
      return one;
    }

    /* After each step: what stands on each device has been seen, and a wish that went without its person is a fault. */
    function observe(one, choice = "") {
      for (const [key, cell] of one.queue.cells) {
        const resting = ["", "tersimpan"].includes(cell.state);
        if (resting) one.seen.add(`${key}@${cell.known}`);
        if (cell.state === "bentrok") {
          const sight = `${key}:${cell.text}/${cell.theirs.nilai}@${cell.theirs.versi}`;
          one.seen.add(`${key}@${cell.theirs.versi}`);
          if (!one.shown.includes(sight)) { one.shown.push(sight); totals.bentrok += 1; }
          if (!cell.theirs.oleh || !cell.theirs.pada) faults.push(`conflict in ${key} without author or time`);
        }
        if (cell.state === "ditolak" && !cell.message) faults.push(`${key} refused without a reason`);
        const wish = one.wanted.get(key);
        if (wish === undefined || !resting) continue;
        const arrived = cell.text === wish || accepted.some((past) => past.key === key && past.nilai === wish && past.seed === seed);
        if (!arrived && choice !== key) faults.push(`${one.name}: “${wish}” in ${key} went away by itself`);
        one.wanted.delete(key);
      }
    }

    const devices = [await device("a"), await device("b")];
    const value = () => {
      counter += 1;
      // Each is typed once in a run, so that a value found later has one author.
      return random() < 0.08 ? "" : random() < 0.08 ? pick(["101", "delapan"]) : `${(counter * 7) % 100},${1 + (counter % 9)}${1 + (seed % 9)}`;
    };
    const type = (one, key, text) => {
      one.queue.type([{ cell: one.queue.cells.get(key), text }]);
      one.wanted.set(key, text);
    };
    const choose = (one, cell, mine) => {
      if (mine) one.queue.keepMine(cell); else one.queue.takeTheirs(cell);
      observe(one, cell.key);
    };
    const acts = {
      ketik: async (one) => { for (let n = 1 + Math.floor(random() * 3); n; n -= 1) type(one, pick(cells), value()); },
      kirim: async (one) => {
        const going = one.queue.send();
        if (random() < 0.4) type(one, pick(cells), value());
        await going;
      },
      jalan: async (one) => { one.way = pick(["terbuka", "terbuka", "putus", "hilang", "gerbang"]); },
      muat: async (one) => { totals.muat += 1; await one.queue.settled; await one.open(); },
      // The tab is closed while a request is under way: its answer comes to nobody.
      tutup: async (one) => {
        const way = one.way;
        if (way === "terbuka") one.way = "hilang";
        await one.queue.send();
        one.way = way;
        totals.muat += 1;
        await one.open();
      },
      tarik: async (one) => { await one.queue.pull(); },
      pilih: async (one) => {
        const met = one.queue.wanted().filter((cell) => cell.state === "bentrok");
        if (met.length) choose(one, pick(met), random() < 0.5);
      },
    };
    const deck = ["ketik", "ketik", "ketik", "kirim", "kirim", "kirim", "jalan", "jalan", "muat", "tutup", "tarik", "pilih"];
    for (let n = 0; n < steps; n += 1) {
      const one = pick(devices);
      const act = pick(deck);
      story.push(`${one.name}:${act}`);
      await acts[act](one);
      devices.forEach((each) => observe(each));
    }

    // The connection is back for both, and each person answers every question.
    for (const one of devices) one.way = "terbuka";
    let rounds = 0;
    for (let open = true; open && rounds < 20; rounds += 1) {
      open = false;
      for (const one of devices) {
        while (await one.queue.send() === "terkirim") observe(one);
        observe(one);
        for (const cell of one.queue.wanted()) {
          open = true;
          if (cell.state === "bentrok") choose(one, cell, random() < 0.5);
          else if (cell.state === "ditolak") { totals.ditolak += 1; type(one, cell.key, value()); }
        }
      }
    }
    for (const one of devices) { await one.queue.pull(); observe(one); await one.queue.settled; }
    const end = await serverState();
    for (const key of cells) {
      for (const one of devices) {
        const cell = one.queue.cells.get(key);
        if (cell.text !== end.get(key).nilai || cell.known !== end.get(key).versi || !["", "tersimpan"].includes(cell.state)) {
          faults.push(`${one.name} shows ${key} = “${cell.text}” @${cell.known} ${cell.state}, the server has “${end.get(key).nilai}” @${end.get(key).versi}`);
        }
      }
    }
    for (const one of devices) {
      const left = await stores[one.name].read(`${account}/uji/${seed}/`);
      if (left.length) faults.push(`${one.name} keeps ${left.length} records`);
    }
    return faults.map((fault) => `seed ${seed}: ${fault} [${story.join(" ")}]`);
  }

  const begin = await serverState();
  const faults = [];
  for (const seed of seeds) faults.push(...await run(seed));
  return { faults, accepted, totals, begin: Object.fromEntries(begin), end: Object.fromEntries(await serverState()) };
}
