// Large files in pieces: each goes on from where the server holds it, so that a break of any kind costs one piece at most.
"use strict";
(() => {
  const box = document.getElementById("uploads");
  if (!box || !window.crypto?.subtle) return; // the plain form sends the file
  const words = box.dataset;
  const list = box.querySelector("ul");
  const token = document.querySelector("main input[name=csrf_token]")?.value;
  const PIECE = Number(words.piece), HEAD = 1 << 20, LONGEST = 30, STALLED = 60000;
  const uploads = [];
  let current = null, count = 0;

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  const amount = (n) => (n >= 1048576 ? `${(n / 1048576).toFixed(1)} MB` : n >= 1024 ? `${Math.round(n / 1024)} KB` : `${n} B`);
  const say = (text) => { box.querySelector("[role=status]").textContent = text; };
  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

  // Refused: sending it again would not help. Every other failure is a break: wait and go on.
  class Refused extends Error {}
  class Break extends Error {}
  class Stopped extends Error {} // by the person

  async function read(blob) {
    try { return await blob.arrayBuffer(); } catch { throw new Refused(words.unreadable); }
  }

  async function digestOf(file) {
    const parts = [];
    for (let at = 0; at < file.size; at += PIECE) parts.push(await sha256(await read(file.slice(at, at + PIECE))));
    const whole = new Uint8Array(32 * parts.length);
    parts.forEach((part, n) => whole.set(part, 32 * n));
    return hex(await sha256(whole));
  }

  // One request; its upload is watched, and given up when nothing moves any more.
  function post(one, url, fields) {
    const form = new FormData();
    form.append("csrf_token", token);
    Object.entries(fields).forEach(([name, value]) => form.append(name, value));
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let idle = 0;
      const moved = () => { clearTimeout(idle); idle = setTimeout(() => request.abort(), STALLED); };
      request.open("POST", url);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.onprogress = (event) => { moved(); if (fields.piece) one.draw(one.offset + Math.min(event.loaded, fields.piece.size)); };
      request.onload = () => resolve({ status: request.status, told: request.response ?? {} });
      request.onerror = () => reject(new Break());
      request.onabort = () => reject(one.wish ? new Stopped() : new Break());
      request.onloadend = () => { clearTimeout(idle); one.request = null; };
      one.request = request;
      moved();
      request.send(form);
    });
  }

  async function ask(one, url, fields) {
    const { status, told } = await post(one, url, fields);
    if (status < 300) return told;
    if (status === 409 && Number.isInteger(told.offset)) throw new Break(); // something else stands there: ask anew
    if ([400, 401, 403].includes(status)) throw new Refused(words.ended);
    const gone = status === 404 && fields.slot === undefined; // swept meanwhile: begin again
    if (status >= 500 || gone || told.error === undefined) throw new Break(told.error ?? "");
    throw Object.assign(new Refused(told.error), { code: told.code });
  }

  async function attempt(one) {
    const { file } = one;
    one.head ??= hex(await sha256(await read(file.slice(0, HEAD))));
    one.places = await ask(one, words.begin, { slot: one.slot, name: file.name, size: file.size, head: one.head });
    document.querySelector(`[data-upload="${CSS.escape(one.places.id)}"]`)?.remove();
    one.draw(one.offset = one.places.offset);
    one.show(one.offset ? words.resumed : words.sending);
    while (one.offset < file.size) {
      const piece = file.slice(one.offset, one.offset + PIECE);
      one.offset = (await ask(one, one.places.send, { offset: one.offset, piece })).offset;
      one.pause = 1;
      one.draw(one.offset);
      if (one.wish) throw new Stopped();
    }
    one.show(words.checking);
    return ask(one, one.places.finish, { digest: await digestOf(file) });
  }

  async function send(one) {
    for (;;) {
      try {
        const told = await attempt(one);
        one.end(words.added, told.said);
        await refresh(one.slot);
        return;
      } catch (trouble) {
        if (one.wish) return;
        if (trouble instanceof Stopped) continue; // and went on again at once
        if (trouble instanceof Refused) {
          one.end(trouble.message, trouble.message, true);
          if (trouble.code?.startsWith("file.") || trouble.code?.startsWith("upload.")) await discard(one);
          return;
        }
        if (!(trouble instanceof Break)) throw trouble;
        await rest(one, trouble.message);
        if (one.wish) return;
      }
    }
  }

  // A growing wait, ended early by the line's return or by the person.
  async function rest(one, why) {
    const seconds = one.pause ?? 1;
    one.pause = Math.min(2 * seconds, LONGEST);
    one.show(`${why} ${fill(words.retry, { n: seconds })}`.trim(), true);
    await new Promise((wake) => { one.wake = wake; setTimeout(wake, 1000 * seconds); });
  }

  async function discard(one) {
    if (one.places) await post(one, one.places.cancel, {}).catch(() => {}); // else it is swept after a day
  }

  async function next() {
    if (current) return;
    current = uploads.find((one) => one.waiting);
    if (!current) return;
    current.waiting = false;
    try { await send(current); } finally { current = null; next(); }
  }

  // What the server says of a slot's files and of the steps is drawn anew, unless the person stands in it.
  async function refresh(slot) {
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const place of [`#${CSS.escape(slot)} [data-held]`, "nav:has([aria-current=step])"]) {
      const [old, now] = [document.querySelector(place), fresh.querySelector(place)];
      if (old && now && !old.contains(document.activeElement)) old.replaceWith(now);
    }
    uploads.forEach((one) => document.querySelector(`[data-upload="${CSS.escape(one.places?.id ?? "-")}"]`)?.remove());
  }

  function add(slot, file) {
    const line = box.querySelector("template").content.firstElementChild.cloneNode(true);
    const part = (name) => line.querySelector(`[data-${name}]`);
    const bar = line.querySelector("progress");
    const [hold, drop] = line.querySelectorAll("button");
    const one = { slot, file, waiting: true, wish: "", offset: 0, quarter: 0 };
    one.show = (text, trouble = false) => {
      part("state").textContent = `${slot} · ${text}`;
      part("state").classList.toggle("trouble", trouble);
      if (trouble) say(`${file.name}: ${text}`);
    };
    one.draw = (bytes) => {
      const percent = Math.floor((100 * bytes) / file.size);
      const text = fill(words.amount, { percent, done: amount(bytes), size: amount(file.size) });
      bar.value = percent;
      bar.setAttribute("aria-valuetext", text);
      part("amount").textContent = text;
      const quarter = Math.floor(percent / 25);
      if (quarter > one.quarter) say(`${file.name}: ${percent} %`);
      one.quarter = quarter;
    };
    one.end = (text, said, trouble = false) => {
      one.show(text, trouble);
      say(`${file.name}: ${said}`);
      if (line.contains(document.activeElement)) box.querySelector("h3").focus();
      line.querySelector(".row").remove();
    };
    const stop = (wish) => { one.wish = wish; one.waiting = false; one.request?.abort(); one.wake?.(); };
    hold.addEventListener("click", () => {
      if (one.wish) {
        one.wish = "";
        one.waiting = current !== one;
        hold.firstChild.textContent = words.pause;
        one.show(words.waiting);
        next();
      } else {
        stop("pause");
        hold.firstChild.textContent = words.resume;
        one.show(words.paused);
      }
    });
    drop.addEventListener("click", () => {
      stop("cancel");
      discard(one);
      uploads.splice(uploads.indexOf(one), 1);
      line.remove();
      say(`${file.name}: ${words.cancelled}`);
      box.hidden = !list.children.length;
      (box.hidden ? document.querySelector(`#${CSS.escape(slot)} input[type=file]`) : box.querySelector("h3")).focus();
    });
    part("name").textContent = file.name;
    part("name").id = `upload-${++count}`;
    bar.setAttribute("aria-labelledby", part("name").id);
    [hold, drop].forEach((button) => {
      const about = document.createElement("span");
      about.className = "unseen";
      about.textContent = ` ${file.name}`;
      button.append(about);
    });
    one.show(words.waiting);
    uploads.push(one);
    list.append(line);
    box.hidden = false;
  }

  window.addEventListener("online", () => uploads.forEach((one) => one.wake?.()));
  document.querySelectorAll("form[data-slot]").forEach((form) => {
    const input = form.querySelector("input[type=file]");
    input.multiple = true;
    form.addEventListener("submit", (event) => {
      if (!input.files.length) return; // the server says what is missing
      event.preventDefault();
      Array.from(input.files).forEach((file) => add(form.dataset.slot, file));
      form.reset();
      box.querySelector("h3").focus();
      next();
    });
  });
})();
