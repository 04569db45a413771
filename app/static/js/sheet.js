// The score sheet's help: a total that follows the marks, saving 1.5 s after the last change, d and s between the two panes.
"use strict";
(() => {
  const form = document.getElementById("sheet");
  if (!form) return;
  const top = Number(form.dataset.top);
  const decimals = Number(form.dataset.decimals);
  const state = form.querySelector("[data-save-state]");
  const version = form.querySelector("input[name=version]");

  // Exact in whole numbers, rounded half up once at the end: the same figure as the server's.
  function shown(numerator) {
    const scale = 10 ** decimals;
    const units = Math.floor((2 * numerator * scale + top) / (2 * top));
    return (units / scale).toFixed(decimals);
  }
  function draw() {
    let sum = 0, most = 0;
    for (const part of form.querySelectorAll("[data-points]")) {
      const chosen = part.querySelector("input[type=radio]:checked");
      if (!chosen) continue;
      sum += Number(part.dataset.points) * Number(chosen.value);
      most += Number(part.dataset.points);
    }
    form.querySelector("[data-so-far]").textContent = shown(sum);
    form.querySelector("[data-so-far-most]").textContent = String(most);
  }

  let timer = 0, running = false, again = false, refused = false;
  async function save() {
    if (refused || form.dataset.sent) return;
    if (running) { again = true; return; }
    running = true;
    state.textContent = form.dataset.saving;
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "error" });
      const told = await answer.json();
      if (answer.ok) {
        version.value = told.version;
        state.textContent = `${form.dataset.saved} ${told.at}`;
      } else {
        refused = answer.status === 409; // another tab: only the person can choose, by the save button
        state.textContent = told.trouble;
      }
    } catch {
      state.textContent = form.dataset.offline;
      timer = setTimeout(save, 10000);
    }
    running = false;
    if (again) { again = false; later(); }
  }
  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, 1500);
  }
  form.addEventListener("change", (event) => { if (event.target.type === "radio") draw(); later(); });
  form.addEventListener("input", later);
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
  draw();

  // Headings that a key moves to take the focus.
  for (const heading of document.querySelectorAll("h2[data-key]")) {
    heading.addEventListener("click", () => { heading.focus(); heading.scrollIntoView({ block: "start" }); });
  }
})();
