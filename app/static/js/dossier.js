// Saves a dossier while it is typed: the fields that changed, 1.5 s after the last key and never later than 1.8 s after the first
// unsaved one, so that a killed window loses at most two seconds. Until the server has a field, a copy of it stays on this device.
"use strict";
(() => {
  const form = document.getElementById("dossier");
  if (!form) return;
  const AFTER_LAST = 1500, AFTER_FIRST = 1800, RETRY = 10000;
  const words = form.dataset;
  const state = form.querySelector("[data-save-state]");
  const base = form.querySelector("input[name=base]");
  const places = new Map(Array.from(form.querySelectorAll("[data-field]"), (place) => [place.dataset.field, place]));

  // --- what a field holds --------------------------------------------------------------------------------------------------
  const inputs = (name) => Array.from(places.get(name).querySelectorAll("input[name], textarea[name], select[name]"))
    .filter((input) => !input.closest("[data-clash]"));
  const held = (input) => (input.type === "checkbox" ? input.checked : input.value);
  const read = (name) => inputs(name).map((input) => [input.name, held(input)]);
  function write(name, entries) {
    const table = places.get(name).querySelector("table[data-rows]");
    const now = () => inputs(name);
    if (table) window.rows.reach(table, Math.ceil(entries.length / Math.max(table.tBodies[0].rows[0].querySelectorAll("[data-cell]").length, 1)));
    entries.forEach(([, value], i) => {
      const input = now()[i];
      if (!input) return;
      if (input.type === "checkbox") input.checked = value; else input.value = value;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  const label = (name) => places.get(name).querySelector("label, legend")?.firstChild?.textContent.trim() || name;

  // --- the copy on this device ---------------------------------------------------------------------------------------------
  const copy = {
    all() { try { return JSON.parse(localStorage.getItem(words.copy)) || {}; } catch { return {}; } },
    put(fields) {
      try {
        if (Object.keys(fields).length) localStorage.setItem(words.copy, JSON.stringify(fields));
        else localStorage.removeItem(words.copy);
      } catch { /* full or forbidden: the server has it two seconds later */ }
    },
    keep(name, from) { this.put({ ...this.all(), [name]: { entries: read(name), base: from, at: Date.now() } }); },
    drop(name) { const rest = this.all(); delete rest[name]; this.put(rest); },
  };

  // --- saving --------------------------------------------------------------------------------------------------------------
  const dirty = new Map(); // field → { base: the version it was typed on, first: when }
  const clashing = new Map(); // field → the version that stands against it
  let timer = 0, running = false, failed = false, blocked = false, leaving = false;

  function touch(name) {
    if (!dirty.has(name)) dirty.set(name, { base: Number(base.value), first: Date.now() });
    dirty.get(name).typed = true;
    copy.keep(name, dirty.get(name).base);
    later();
  }
  const ready = () => Array.from(dirty.keys()).filter((name) => !clashing.has(name));
  function later(pause = AFTER_LAST) {
    clearTimeout(timer);
    const first = Math.min(...ready().map((name) => dirty.get(name).first));
    timer = setTimeout(save, Math.max(0, Math.min(pause, pause > AFTER_LAST ? pause : first + AFTER_FIRST - Date.now())));
  }
  function body(names, from) {
    const sent = new FormData();
    sent.append("csrf_token", form.querySelector("[name=csrf_token]").value);
    sent.append("base", String(from));
    for (const name of names) {
      sent.append("field", name);
      for (const input of inputs(name)) if (input.type !== "checkbox" || input.checked) sent.append(input.name, input.value);
    }
    return sent;
  }
  async function save() {
    clearTimeout(timer);
    if (running) return;
    const open = ready();
    if (!open.length) return;
    const from = Math.min(...open.map((name) => dirty.get(name).base));
    const names = open.filter((name) => dirty.get(name).base === from);
    running = true;
    failed = false;
    state.textContent = words.saving;
    names.forEach((name) => { dirty.get(name).typed = false; });
    try {
      const answer = await fetch(form.action || location.href, {
        method: "POST", body: body(names, from), headers: { "X-Autosave": "1", Accept: "application/json" },
        credentials: "same-origin", redirect: "error",
      });
      if (answer.status === 400 && await renewed()) { /* goes out again with the new token */ } else if (answer.status === 401 || answer.status === 400) signedOut();
      else if (answer.ok) stored(names, await answer.json());
      else if (answer.status === 409) refused(names, await answer.json());
      else throw new Error(String(answer.status));
    } catch {
      failed = true;
      state.textContent = words.offline;
    }
    if (failed) names.forEach((name) => { dirty.get(name).first = Date.now(); }); // or every key would try again
    running = false;
    if (ready().length && !blocked) later(failed ? RETRY : AFTER_LAST);
  }
  function stored(names, told) {
    names.forEach((name) => {
      const entry = dirty.get(name);
      if (entry.typed) { entry.base = told.version; entry.first = Date.now(); copy.keep(name, told.version); } else { dirty.delete(name); copy.drop(name); }
    });
    base.value = told.version;
    form.querySelector("[data-sign-in]").hidden = true;
    state.textContent = clashing.size ? words.clashing : told.said;
    const head = document.querySelector("[data-saved]");
    if (head) head.textContent = told.said;
    for (const [key, said] of Object.entries(told.left)) {
      const line = document.querySelector(`[data-left="${CSS.escape(key)}"]`);
      if (line) line.textContent = said;
    }
    window.conditions.asked(told.asked);
    told.others.forEach(elsewhere);
  }
  // Somebody else changed a field that is not being typed in here: the page takes it over and says so.
  function elsewhere({ name, text, said }) {
    if (!places.has(name) || dirty.has(name) || document.activeElement?.closest(`[data-field="${CSS.escape(name)}"]`)) return;
    if (text !== null) {
      const input = inputs(name)[0];
      if (!input || held(input) === text) return;
      if (input.type === "checkbox") input.checked = text; else input.value = text;
      window.conditions.draw();
    }
    const line = document.createElement("li");
    line.textContent = said;
    form.querySelector("[data-others]").append(line);
  }
  function refused(names, told) {
    state.textContent = told.error;
    if (!told.clashes) { blocked = true; return; } // closed meanwhile: only the page, drawn again, can say more
    for (const [name, html] of Object.entries(told.clashes)) {
      clashing.set(name, told.version);
      places.get(name).querySelector("[data-clash]")?.remove();
      places.get(name).insertAdjacentHTML("beforeend", html);
      places.get(name).querySelector("[data-clash]").focus();
    }
  }
  // Signed in again in another window: the token of this page is an old one, a fresh page has the new.
  async function renewed() {
    const token = form.querySelector("[name=csrf_token]");
    try {
      const page = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
      const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("#dossier [name=csrf_token]")?.value;
      if (!fresh || fresh === token.value) return false;
      token.value = fresh;
      return true;
    } catch { return false; }
  }
  function signedOut() {
    failed = true;
    state.textContent = words.signedOut;
    form.querySelector("[data-sign-in]").hidden = false;
  }
  // Rows are drawn by the server: those that are stored come from there, and what else is typed on the page stays.
  async function redrawn(name) {
    const page = await fetch(location.href, { credentials: "same-origin", redirect: "error" }).catch(() => null);
    const table = page?.ok && new DOMParser().parseFromString(await page.text(), "text/html").querySelector(`[data-field="${CSS.escape(name)}"] table`);
    if (!table) return false;
    form.querySelector(`[data-field="${CSS.escape(name)}"] table`).replaceWith(table);
    return true;
  }
  form.addEventListener("click", async (event) => {
    const button = event.target.closest("button[name^='keep.']");
    const name = button?.closest("[data-field]")?.dataset.field;
    if (!button || !clashing.has(name)) return;
    event.preventDefault();
    const box = button.closest("[data-clash]");
    const from = clashing.get(name);
    if (button.value === "theirs") {
      const theirs = box.querySelector("textarea");
      const plain = box.querySelector("[data-stored]")?.dataset.stored;
      if (theirs) inputs(name)[0].value = theirs.value;
      else if (plain) write(name, [[name, inputs(name)[0].type === "checkbox" ? plain === "True" : plain]]);
      else if (!(await redrawn(name))) { dirty.delete(name); clashing.delete(name); copy.drop(name); location.reload(); return; }
    }
    box.remove();
    clashing.delete(name);
    dirty.set(name, { base: from, first: Date.now() });
    copy.keep(name, from);
    inputs(name)[0].focus();
    save();
  });

  // Boxes that the server drew in answer to the save button are settled here as well.
  for (const box of form.querySelectorAll("[data-clash]")) {
    clashing.set(box.dataset.clash, Number(base.value));
    dirty.set(box.dataset.clash, { base: Number(base.value), first: Date.now() });
    copy.keep(box.dataset.clash, Number(base.value));
  }

  // --- typing --------------------------------------------------------------------------------------------------------------
  const named = (event) => (event.target.closest("[data-clash]") ? null : event.target.closest("[data-field]")?.dataset.field);
  for (const kind of ["input", "change"]) form.addEventListener(kind, (event) => { const name = named(event); if (name) touch(name); });

  // The buttons send the form once everything typed is stored: signed out or offline, nobody leaves the page by them.
  form.addEventListener("submit", async (event) => {
    if (leaving || !dirty.size) return;
    event.preventDefault();
    const button = event.submitter;
    for (let turn = 0; turn < 5 && ready().length && !blocked; turn += 1) {
      await save();
      while (running) await new Promise((done) => setTimeout(done, 50));
      if (failed) return;
    }
    leaving = true;
    base.value = String(Math.min(Number(base.value), ...Array.from(dirty.values(), (entry) => entry.base)));
    form.requestSubmit(button);
  });
  const flush = () => {
    const open = ready();
    if (!open.length || running || leaving) return;
    const from = Math.min(...open.map((name) => dirty.get(name).base));
    const names = open.filter((name) => dirty.get(name).base === from);
    fetch(form.action || location.href, { method: "POST", body: body(names, from), headers: { "X-Autosave": "1" }, keepalive: true }).catch(() => {});
  };
  window.addEventListener("pagehide", flush);
  window.addEventListener("online", () => later(0));

  // --- what was kept from last time ----------------------------------------------------------------------------------------
  const last = Object.entries(copy.all()).filter(([name, kept]) => places.has(name) && JSON.stringify(kept.entries.filter(([, v]) => v)) !== JSON.stringify(read(name).filter(([, v]) => v)));
  copy.put(Object.fromEntries(last));
  const offer = form.querySelector("[data-kept]");
  if (last.length) {
    const at = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" }).format(Math.max(...last.map(([, kept]) => kept.at)));
    const line = offer.querySelector("p:not(.title)");
    line.textContent = line.textContent.replace("{at}", at).replace("{fields}", last.map(([name]) => label(name)).join(", "));
    offer.hidden = false;
    offer.addEventListener("click", (event) => {
      if (!event.target.matches("button")) return;
      offer.hidden = true;
      if (event.target.value === "gone") { copy.put({}); return; }
      for (const [name, kept] of last) {
        write(name, kept.entries);
        dirty.set(name, { base: kept.base, first: Date.now() });
        copy.keep(name, kept.base);
      }
      window.conditions.draw();
      save();
    });
  }
})();
