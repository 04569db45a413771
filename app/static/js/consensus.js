// The consensus text's help: each paragraph is saved by itself 1.5 s after the last key, over the version it was written on.
"use strict";
(() => {
  const form = document.getElementById("consensus-form");
  if (!form) return;
  const state = form.querySelector("[data-save-state]");
  const token = form.querySelector("input[name=csrf_token]").value;
  const timers = new Map(), running = new Set(), refused = new Set();

  async function save(field) {
    const topic = field.dataset.topic, seen = form.elements[`seen.${topic}`];
    if (refused.has(topic)) return;
    if (running.has(topic)) { later(field); return; }
    running.add(topic);
    state.textContent = form.dataset.saving;
    const body = new FormData();
    body.set("csrf_token", token);
    body.set(field.name, field.value);
    body.set(seen.name, seen.value);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, credentials: "same-origin", redirect: "error" });
      const told = await answer.json();
      if (answer.ok) {
        seen.value = told.seen[topic] ?? seen.value;
        field.defaultValue = body.get(field.name); // what table.js takes for saved
        state.textContent = `${form.dataset.saved} ${told.at}`;
      } else {
        if (answer.status === 409) refused.add(topic); // written elsewhere since: only the person can choose, by the button
        state.textContent = told.trouble;
      }
    } catch {
      state.textContent = form.dataset.offline;
      timers.set(topic, setTimeout(() => save(field), 10000));
    }
    running.delete(topic);
  }
  function later(field) {
    clearTimeout(timers.get(field.dataset.topic));
    timers.set(field.dataset.topic, setTimeout(() => save(field), 1500));
  }
  form.addEventListener("input", (event) => { if (event.target.dataset.topic) later(event.target); });
  // What is being saved ends first, or the button would send an older version.
  form.addEventListener("submit", (event) => {
    timers.forEach(clearTimeout);
    if (!running.size) return;
    event.preventDefault();
    const wait = setInterval(() => { if (!running.size) { clearInterval(wait); form.requestSubmit(); } }, 50);
  });
})();
