// Fields asked for by condition appear at once; without this they appear when the section is saved. The rule comes from the server.
"use strict";
(() => {
  const form = document.getElementById("dossier");
  if (!form) return;
  const conditional = Array.from(form.querySelectorAll("[data-when]"), (place) => ({ place, when: JSON.parse(place.dataset.when) }));

  function value(name) {
    const input = form.querySelector(`[name="${CSS.escape(name)}"]`);
    if (!input) return Array.from(form.querySelectorAll(`[name^="${CSS.escape(name)}."]`)).some((cell) => cell.matches("input") && cell.value.trim());
    return input.type === "checkbox" ? input.checked : input.value.trim();
  }
  const holds = ({ name, among }) => (among.length ? among.includes(value(name)) : Boolean(value(name)));
  function draw() {
    for (const { place, when } of conditional) if (!when.fault) place.hidden = !holds(when);
  }
  form.addEventListener("input", draw);
  form.addEventListener("change", draw);
  draw();

  // What only the server can tell, such as a check digit: the answer to a save names every field asked for.
  window.conditions = { asked: (names) => conditional.forEach(({ place, when }) => { if (when.fault) place.hidden = !names.includes(place.dataset.field); }), draw };
})();
