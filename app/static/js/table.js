// The panel's table keeps up with what others do: every ten seconds the page asks for its own state and, where it is another, draws
// the parts anew that nobody is writing in. What is new is said politely, once.
"use strict";
(() => {
  const asked = document.querySelector("[data-table-state]");
  if (!asked) return;
  const SECONDS = 10, DIRTY = "input, textarea, select";
  const news = document.querySelector("[data-news]");
  // As the server drew them; a form's token differs from one answer to the next.
  const bare = (part) => part.innerHTML.replace(/name="csrf_token" value="[^"]*"/g, "");
  const drawn = new Map(Array.from(document.querySelectorAll("[data-live]"), (part) => [part.dataset.live, bare(part)]));
  let known = asked.dataset.known, waiting = null, wait = SECONDS, leaving = false;

  const touched = (e) => (e.type === "checkbox" || e.type === "radio" ? e.checked !== e.defaultChecked
    : e.tagName === "SELECT" ? Array.from(e.options).some((o) => o.selected !== o.defaultSelected && e.querySelector("[selected]"))
      : e.type !== "hidden" && e.value !== e.defaultValue);
  const inUse = (part) => part.contains(document.activeElement) || Array.from(part.querySelectorAll(DIRTY)).some(touched);

  function draw(part, next) {
    const open = new Set(Array.from(part.querySelectorAll("details[open] > summary"), (s) => s.textContent));
    part.innerHTML = next.innerHTML;
    part.className = next.className;
    part.querySelectorAll("details > summary").forEach((s) => { if (open.has(s.textContent)) s.parentElement.open = true; });
  }
  function tell(words, key) {
    if (!news || Array.from(news.children).some((line) => line.dataset.key === key)) return;
    const line = document.createElement("li");
    line.dataset.key = key;
    line.textContent = words;
    news.hidden = false;
    news.prepend(line);
  }
  // Parts in use are left as they are and tried again, once they are left.
  function apply() {
    if (!waiting) return;
    if (!waiting.querySelector("[data-table-state]")) { // concluded: nothing is left to write
      location.reload();
      return;
    }
    const left = [];
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = waiting.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
      if (!next || drawn.get(part.dataset.live) === bare(next)) continue;
      if (inUse(part)) { left.push(part); continue; }
      draw(part, next);
      drawn.set(part.dataset.live, bare(next));
    }
    const lines = Array.from(waiting.querySelectorAll("[data-news] > li")).reverse();
    lines.forEach((line) => tell(line.textContent, line.dataset.key));
    if (left.some((part) => Array.from(part.querySelectorAll(DIRTY)).some(touched)) && lines.length) tell(asked.dataset.kept, "kept");
    if (!left.length) waiting = null;
  }
  async function turn() {
    if (leaving) return;
    if (!document.hidden) {
      try {
        const answer = await fetch(asked.dataset.tableState, {
          headers: { "If-None-Match": known }, credentials: "same-origin", redirect: "error", cache: "no-store",
        });
        if (answer.status !== 304) {
          if (answer.status === 403 || answer.status === 404) { location.reload(); return; }
          if (!answer.ok) throw new Error(String(answer.status));
          known = answer.headers.get("ETag") ?? "";
          waiting = new DOMParser().parseFromString(await answer.text(), "text/html");
        }
        wait = SECONDS;
      } catch {
        wait = Math.min(2 * wait, 60);
      }
      apply();
    }
    setTimeout(turn, 1000 * wait);
  }
  document.addEventListener("focusout", () => setTimeout(apply, 0));
  document.addEventListener("submit", () => { leaving = true; setTimeout(() => { leaving = false; }, 5000); });
  window.addEventListener("pagehide", () => { leaving = true; });
  window.addEventListener("pageshow", (event) => { if (event.persisted) { leaving = false; turn(); } });
  setTimeout(turn, 1000 * SECONDS);
})();
