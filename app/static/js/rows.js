// Rows of a form: an empty one follows the last that is filled in, up to the limit, so that nobody saves only to get more rows.
"use strict";
(() => {
  function number(row, n, words) {
    row.cells[0].textContent = String(n);
    for (const input of row.querySelectorAll("[data-cell]")) {
      input.setAttribute("aria-label", `${input.dataset.cell}, ${words.replace("{n}", n)}`);
      input.id = input.id.replace(/\.\d+\./, `.${n - 1}.`);
    }
  }
  function add(table) {
    const body = table.tBodies[0], last = body.rows[body.rows.length - 1];
    if (!last || body.rows.length >= Number(table.dataset.rows)) return false;
    const row = last.cloneNode(true);
    for (const input of row.querySelectorAll("[data-cell]")) {
      if (input.tagName === "SELECT") input.selectedIndex = 0; else input.value = "";
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    number(row, body.rows.length + 1, table.dataset.row);
    body.append(row);
    return true;
  }
  // Called where a text that was kept has more rows than the page.
  window.rows = { reach: (table, n) => { while (table.tBodies[0].rows.length < n && add(table)); } };

  document.addEventListener("input", (event) => {
    const table = event.target.closest?.("table[data-rows]");
    if (table && event.target.closest("tr") === table.tBodies[0].rows[table.tBodies[0].rows.length - 1]) add(table);
  });
})();
