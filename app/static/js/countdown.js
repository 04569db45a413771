// Countdowns by the server's clock: the page says what time it was there; the browser's own clock is never asked, it may be wrong.
"use strict";
(() => {
  const timers = Array.from(document.querySelectorAll(".countdown[data-until]"));
  if (!timers.length) return;
  const ANNOUNCED = [3600, 1800, 600, 300, 60]; // seconds left; besides these a screen reader hears only the end
  const RESYNC_MS = 10 * 60 * 1000;

  // The page's moment is when its request arrived at the server: soon after it was sent. Late is the wrong way to be wrong.
  const opened = performance.getEntriesByType("navigation")[0];
  let ahead = Number(timers[0].dataset.now) - (opened?.requestStart ?? 0); // server time minus performance.now()
  let asked = performance.now();
  async function ask() {
    asked = performance.now();
    try {
      const answer = await fetch("/clock", { cache: "no-store", credentials: "omit" });
      if (answer.ok) ahead = (await answer.json()).now - asked;
    } catch { /* the old reckoning goes on */ }
    draw();
  }

  const live = document.createElement("div");
  live.className = "unseen";
  live.setAttribute("aria-live", "polite");
  document.body.append(live);

  const two = (n) => String(n).padStart(2, "0");
  function text(timer, left) {
    if (left <= 0) return timer.dataset.over;
    const days = Math.floor(left / 86400);
    const clock = `${two(Math.floor((left % 86400) / 3600))}:${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
    return (days ? timer.dataset.days : timer.dataset.day).replace("%(days)s", days).replace("%(clock)s", clock);
  }

  function draw() {
    const now = performance.now() + ahead;
    for (const timer of timers) {
      const left = Math.max(0, Math.ceil((Number(timer.dataset.until) - now) / 1000));
      const said = text(timer, left);
      if (timer.textContent !== said) timer.textContent = said;
      timer.classList.toggle("near", left > 0 && left <= 3600);
      const before = timer.left ?? left;
      timer.left = left;
      if (ANNOUNCED.some((mark) => before > mark && left <= mark)) live.textContent = said;
      if (before > 0 && left === 0) live.textContent = timer.dataset.late;
    }
  }

  draw();
  setInterval(() => { if (performance.now() - asked > RESYNC_MS) ask(); else draw(); }, 1000);
  // performance.now() may stand still while the machine sleeps, and a page from the back-forward cache is old.
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) ask(); });
})();
