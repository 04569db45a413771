// The assignment board without a full page: links and forms fetch the board alone; arrows walk its lists, letters act on the row.
"use strict";
(() => {
  const live = document.getElementById("board-live");
  const board = () => document.getElementById("board");
  if (!board() || !live) return;
  const columns = () => Array.from(board().querySelectorAll("[data-column]"));
  const items = (column) => Array.from(column.querySelectorAll("[data-item]"));
  let asked = 0;

  // Focus goes back to the same row, else to the same list; each list keeps its place.
  const narrow = matchMedia("(max-width: 1099px)");
  function draw(html, address, push, hash) {
    const old = board();
    const focus = old.contains(document.activeElement) ? document.activeElement : null;
    const column = focus?.closest("[data-column]")?.dataset.column;
    const at = column ? items(focus.closest("[data-column]")).indexOf(focus) : -1;
    const tops = columns().map((one) => [one.dataset.column, one.scrollTop]);
    old.outerHTML = html;
    if (push && address !== location.href) history.pushState(null, "", address);
    for (const [name, top] of tops) {
      const one = board().querySelector(`[data-column="${name}"]`);
      if (one) one.scrollTop = top;
    }
    const told = board().querySelector("[data-said]")?.textContent.trim();
    live.textContent = "";
    if (told) setTimeout(() => { live.textContent = told; }, 50);
    const trial = board().querySelector("#what-if");
    const refusal = board().querySelector("[data-focus]");
    if (refusal) { refusal.focus(); return; }
    if (hash && hash !== "#what-if" && narrow.matches) { // the lists stand one below the other: go to the one that changed
      const list = document.querySelector(hash);
      list?.scrollIntoView();
      list?.querySelector("[data-item][aria-current], [data-item]")?.focus({ preventScroll: true });
      return;
    }
    if (trial && !old.querySelector("#what-if")) { (trial.querySelector("textarea") ?? trial).focus(); return; }
    if (!focus) return;
    const same = focus.id && document.getElementById(focus.id);
    const list = column ? items(board().querySelector(`[data-column="${column}"]`) ?? board()) : [];
    const next = same || list[Math.min(Math.max(at, 0), list.length - 1)] || document.getElementById("board-dossiers");
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  }

  async function fetchBoard(address, options, push, hash) {
    const turn = ++asked;
    board().setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { credentials: "same-origin", ...options, headers: { "X-Fragment": "1", Accept: "text/html" } });
      const html = await answer.text();
      if (turn !== asked) return;
      if (!html.includes('id="board"')) throw new Error(String(answer.status)); // signed out, or an error page: show it whole
      draw(html, answer.redirected || !options.method ? answer.url : location.href, push, hash);
    } catch {
      if (turn !== asked) return;
      if (options.method) location.reload(); else location.href = address;
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#board a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const address = new URL(link.href, location.href);
    if (address.pathname !== location.pathname || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    fetchBoard(address.href, {}, true, address.hash);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("#board [data-board-form]")) return;
    event.preventDefault();
    if (form.method === "get") {
      const address = new URL(form.action);
      for (const [name, value] of new FormData(form)) if (value) address.searchParams.set(name, value);
      fetchBoard(address.href, {}, true);
    } else {
      fetchBoard(event.submitter?.getAttribute("formaction") || form.action, { method: "POST", body: new FormData(form) }, true);
    }
  }, true);
  document.addEventListener("change", (event) => {
    if (event.target.matches("#board select")) event.target.form.requestSubmit();
    if (event.target.matches("#board .board-pick")) {
      board().querySelector("[data-picked-count]").textContent = String(board().querySelectorAll(".board-pick:checked").length);
    }
  });
  window.addEventListener("popstate", () => fetchBoard(location.href, {}, false));

  // Keys come from ppir.js, which knows whether they are switched off, typed into a field or part of a composed syllable.
  const rowOf = (element) => element.closest("li");
  function walk(key) {
    const here = document.activeElement?.closest?.("#board [data-column]");
    const list = columns();
    if (!here) { items(list[0] ?? board())[0]?.focus(); return true; }
    const own = items(here);
    const at = own.findIndex((item) => rowOf(item) === rowOf(document.activeElement) || item === document.activeElement);
    if (key === "ArrowUp" || key === "ArrowDown") {
      own[Math.min(Math.max(at + (key === "ArrowDown" ? 1 : -1), 0), own.length - 1)]?.focus();
      return true;
    }
    const beside = list[list.indexOf(here) + (key === "ArrowRight" ? 1 : -1)];
    if (beside) (beside.querySelector("[data-item][aria-current]") ?? items(beside)[0])?.focus();
    return true;
  }
  function act(key) {
    const focus = document.activeElement?.closest?.("#board li");
    const seat = focus?.matches(".board-seat") ? focus : board().querySelector(".board-here");
    const where = { Delete: [seat, '[data-verb="remove"]'], KeyL: [seat, '[data-verb="lock"]'], KeyW: [focus, "[data-what-if]"] }[key];
    const found = where?.[0]?.querySelector(where[1]);
    if (!found) return false;
    if (found.matches("form")) found.requestSubmit(); else found.click();
    return true;
  }
  document.addEventListener("ppir:key", (event) => {
    const key = event.detail.code;
    if (key.startsWith("Arrow") ? walk(key) : act(key)) event.preventDefault();
  });
})();
