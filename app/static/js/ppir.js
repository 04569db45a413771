// Small help for pages that already work without it: character counts, polled regions, focus on errors, single-key shortcuts.
"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  document.documentElement.classList.add("js");

  // An error summary takes the focus, so that a screen reader starts there.
  document.querySelector("[data-focus]")?.focus();

  // The language switch keeps what was typed and where the page stood: for one load, in this tab only, no passwords or files.
  const KEEP = `ppir.keep:${location.pathname}`;
  const writable = () => all("main form[method=post]").map((form) => Array.from(form.elements).filter(
    (e) => e.name && e.name !== "csrf_token" && !["password", "file", "hidden", "submit", "button"].includes(e.type)));
  const kept = (() => { try { return JSON.parse(sessionStorage.getItem(KEEP)); } catch { return null; } })();
  if (kept) {
    sessionStorage.removeItem(KEEP);
    writable().forEach((inputs, i) => inputs.forEach((input, j) => {
      const was = kept.forms[i]?.[j];
      if (!was || was[0] !== input.name) return;
      if (input.type === "checkbox" || input.type === "radio") input.checked = was[1];
      else if (input.multiple) Array.from(input.options).forEach((option) => { option.selected = was[1].includes(option.value); });
      else input.value = was[1];
    }));
    window.scrollTo(0, kept.top);
  }
  all(".languages a").forEach((link) => link.addEventListener("click", () => {
    const value = (e) => (e.type === "checkbox" || e.type === "radio" ? e.checked
      : e.multiple ? Array.from(e.selectedOptions, (option) => option.value) : e.value);
    const forms = writable().map((inputs) => inputs.map((e) => [e.name, value(e)]));
    try { sessionStorage.setItem(KEEP, JSON.stringify({ forms, top: window.scrollY })); } catch { /* full or forbidden */ }
  }));

  // Character counts: shown always, announced only at 90 %, at 100 % and beyond it.
  const live = document.createElement("div");
  live.className = "unseen";
  live.dataset.counts = "";
  live.setAttribute("aria-live", "polite");
  document.body.append(live);
  const format = new Intl.NumberFormat(document.documentElement.lang || "ko");
  function watchCount(input) {
    const line = document.getElementById(`${input.id}-count`);
    const max = Number(input.dataset.max);
    if (!line || !max) return;
    let step = 0;
    const draw = () => {
      const n = characters.count(input.value);
      line.querySelector("[data-count]").textContent = format.format(n);
      line.classList.toggle("near", n >= 0.9 * max && n <= max);
      line.classList.toggle("over", n > max);
      const now = n > max ? 3 : n >= max ? 2 : n >= 0.9 * max ? 1 : 0;
      if (now > step) live.textContent = line.textContent;
      step = now;
    };
    input.addEventListener("input", draw);
    draw();
  }
  all("[data-max]").forEach(watchCount);

  // A region with data-refresh-url is drawn again from the server until the fragment says it is done.
  // A failed poll waits twice as long, up to a minute: a restarting server is not hammered.
  function poll(region) {
    const base = 1000 * (Number(region.dataset.refreshSeconds) || 3);
    let wait = base;
    const again = () => setTimeout(turn, wait);
    async function turn() {
      if (document.hidden) return again();
      try {
        const answer = await fetch(region.dataset.refreshUrl, {
          headers: { "X-Fragment": "1", Accept: "text/html" }, credentials: "same-origin", redirect: "error",
        });
        if (!answer.ok) throw new Error(String(answer.status));
        const text = await answer.text();
        wait = base;
        if (text !== region.dataset.last && !region.contains(document.activeElement)) {
          region.innerHTML = text;
          region.dataset.last = text;
        }
        if (region.querySelector("[data-refresh-done]")) return undefined;
      } catch {
        wait = Math.min(2 * wait, 60000);
      }
      return again();
    }
    if (!region.querySelector("[data-refresh-done]")) again();
  }
  all("[data-refresh-url]").forEach(poll);

  // A form sent twice by a double click is sent once; the server's idempotency stays the real guard.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

  // A select with data-submit sends its form at once (filters); its button stays for those without script.
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
  });

  // "Select all" of a table: <input type="checkbox" data-pick-all="name of the row boxes">.
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.pickAll;
    if (!name) return;
    all(`input[type=checkbox][name="${CSS.escape(name)}"]`).forEach((box) => { box.checked = event.target.checked; });
  });

  // Single-key shortcuts: physical keys, never in a text field, never while Korean is composed, and they can be switched off.
  const OFF = "ppir.keys.off";
  const keysOff = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
  const dialog = document.getElementById("keys");
  const box = document.querySelector("[data-keys-off]");
  if (box) {
    box.checked = keysOff();
    box.addEventListener("change", () => { try { localStorage.setItem(OFF, box.checked ? "1" : "0"); } catch { /* private window */ } });
  }
  const openKeys = () => dialog && !dialog.open && dialog.showModal();
  all('[data-open="keys"]').forEach((button) => button.addEventListener("click", openKeys));
  const TYPING = "input:not([type=radio]):not([type=checkbox]):not([type=button]):not([type=submit]), textarea, select, [contenteditable=true]";
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING)) return;
    if (keysOff() || dialog?.open) return;
    if (event.shiftKey) {
      if (event.code === "Slash") { event.preventDefault(); openKeys(); }
      return;
    }
    const own = new CustomEvent("ppir:key", { cancelable: true, detail: { code: event.code } }); // a page's script may take it
    if (!document.dispatchEvent(own)) { event.preventDefault(); return; }
    const key = /^(Key|Digit)(.)$/.exec(event.code)?.[2].toLowerCase() ?? { Slash: "/", BracketLeft: "[", BracketRight: "]" }[event.code];
    const target = key && document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input, textarea, select")) target.focus(); else target.click();
  });
})();
