// The dossier form's help: what is typed is saved 1.5 s after the last key, as a version of its own.
"use strict";
(() => {
  const form = document.getElementById("dossier");
  if (!form) return;
  const state = form.querySelector("[data-save-state]");
  const base = form.querySelector("input[name=base]");
  const RETRY = 10000;

  let timer = 0, running = false, again = false, refused = false;
  const later = (pause = 1500) => { clearTimeout(timer); timer = setTimeout(save, pause); };

  async function save() {
    if (refused || form.dataset.sent) return;
    if (running) { again = true; return; }
    running = true;
    state.textContent = form.dataset.saving;
    try {
      const answer = await fetch(form.action || location.href, {
        method: "POST", body: new FormData(form), headers: { "X-Autosave": "1", Accept: "application/json" },
        credentials: "same-origin", redirect: "error",
      });
      const told = await answer.json();
      if (answer.ok) {
        base.value = told.version;
        state.textContent = told.said;
      } else {
        refused = true; // another window was first: only the person can choose, by the save button
        state.textContent = told.error;
      }
    } catch {
      state.textContent = form.dataset.offline;
      later(RETRY);
    }
    running = false;
    if (again) { again = false; later(); }
  }

  form.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  form.addEventListener("change", () => later());
  form.addEventListener("compositionend", () => later());
  // A save under way ends first, or the button would send an older version.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!running) return;
    event.preventDefault();
    const button = event.submitter;
    const wait = setInterval(() => {
      if (running) return;
      clearInterval(wait);
      clearTimeout(timer);
      form.requestSubmit(button);
    }, 50);
  });
})();
