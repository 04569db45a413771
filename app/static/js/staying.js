// Five minutes before a sign-in ends the page says so, politely, and offers to stay. What another tab or an autosave did counts:
// the server is asked first, which is no sign of life. Without this script an ended sign-in loses nothing either.
"use strict";
(() => {
  const box = document.querySelector("[data-sign-in-left]");
  if (!box) return;
  const said = box.querySelector("[data-said]"), button = box.querySelector("button");
  const BEFORE = 300, TURN = 5000;
  let ends = Date.now() + 1000 * Number(box.dataset.signInLeft), shown = "";
  const left = () => (ends - Date.now()) / 1000;
  const clock = () => new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }).format(ends);
  const say = (what) => {
    if (shown === what) return;
    shown = what;
    said.textContent = what ? said.dataset[what].replace("{at}", clock()) : "";
    box.hidden = !what;
    button.hidden = what !== "ending";
  };
  async function ask(url, sent) {
    const answer = await fetch(url, { credentials: "same-origin", redirect: "error", cache: "no-store", ...sent }).catch(() => null);
    if (answer?.ok) ends = Date.now() + 1000 * (await answer.json()).left;
    return answer?.ok;
  }
  async function turn() {
    if (shown === "" && left() <= BEFORE && left() > 0) await ask(box.dataset.ask);
    if (left() <= 0) say("over");
    else if (left() > BEFORE) say("");
    else if (shown !== "last") say("ending");
    if (shown !== "over") setTimeout(turn, Math.max(TURN, Math.min(1000 * (left() - BEFORE), 60000)));
  }
  button.addEventListener("click", async () => {
    const kept = await ask(box.dataset.stay, { method: "POST", body: new URLSearchParams({ csrf_token: box.querySelector("[name=csrf_token]").value }) });
    say(!kept ? "over" : left() > BEFORE ? "" : "last");
    document.getElementById("content").focus(); // the button is gone
  });
  turn();
})();
