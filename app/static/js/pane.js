// A document on its own page or in the pane beside a sheet: a PDF drawn page by page with the reader's mark on it, search and
// page jumps without leaving what is being written. Without this script the same document is read as text.
const VIEW = "ppir.document.view";
const ANGLE = -Math.PI / 7;
const LEAST_WIDTH = 280;

const kept = () => { try { return localStorage.getItem(VIEW); } catch { return null; } };
const keep = (view) => { try { localStorage.setItem(VIEW, view); } catch { /* private window */ } };
const absolute = (url) => new URL(url, location.href).href;

async function fragmentOf(url) {
  const answer = await fetch(url, { headers: { "X-Fragment": "1", Accept: "text/html" }, credentials: "same-origin", redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-document]");
}

// The reader's name, number and time over a page: whoever passes the picture on is named on it.
function mark(context, text) {
  const { width, height } = context.canvas;
  const size = Math.max(12, Math.round(width / 45));
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 0.14;
  context.fillStyle = "#052b57";
  context.font = `${size}px Pretendard, sans-serif`;
  context.translate(width / 2, height / 2);
  context.rotate(ANGLE);
  const [step, line] = [context.measureText(text).width + 4 * size, 9 * size];
  const reach = Math.hypot(width, height) / 2;
  for (let y = -reach; y < reach; y += line) {
    for (let x = -reach - step; x < reach; x += step) context.fillText(text, x, y);
  }
  context.restore();
}

// Pages are drawn when they come near, and let go when they are far: a long document stays small in memory.
class Drawn {
  constructor(article) {
    this.article = article;
    this.box = article.querySelector("[data-pdf]");
    this.leaves = this.box.querySelector("[data-leaves]");
    this.zoom = 1;
    this.watch = new IntersectionObserver((seen) => seen.forEach((one) => this.near(one.target, one.isIntersecting)),
      { root: this.leaves, rootMargin: "600px 0px" });
  }

  async open() {
    const parts = absolute(this.box.dataset.parts);
    const pdfjs = await import(absolute(this.box.dataset.pdfjs));
    pdfjs.GlobalWorkerOptions.workerSrc = absolute(this.box.dataset.worker);
    this.pdf = await pdfjs.getDocument({
      url: absolute(this.box.dataset.pdf), cMapUrl: `${parts}cmaps/`, cMapPacked: true, standardFontDataUrl: `${parts}standard_fonts/`,
      wasmUrl: `${parts}wasm/`, useWasm: false, enableXfa: false,
    }).promise;
    const first = (await this.pdf.getPage(1)).getViewport({ scale: 1 });
    for (let n = 1; n <= this.pdf.numPages; n += 1) {
      const leaf = document.createElement("figure");
      leaf.className = "leaf";
      leaf.dataset.leaf = n;
      const canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", this.box.dataset.pageName.replace("{n}", n));
      leaf.append(canvas);
      this.leaves.append(leaf);
      this.shape(leaf, first);
    }
    for (const leaf of this.leaves.children) this.watch.observe(leaf);
    this.leaves.addEventListener("scroll", () => this.tell(), { passive: true });
    this.tell();
  }

  shape(leaf, viewport) {
    const width = Math.max(LEAST_WIDTH, this.leaves.clientWidth - 24) * this.zoom;
    leaf.firstChild.style.width = `${width}px`;
    leaf.firstChild.style.height = `${(width * viewport.height) / viewport.width}px`;
    return width / viewport.width;
  }

  near(leaf, close) {
    if (close && !leaf.task) leaf.task = this.draw(leaf).catch(() => { leaf.task = null; });
    if (!close && leaf.task) {
      leaf.rendering?.cancel();
      leaf.firstChild.width = 0;
      leaf.task = null;
      delete leaf.dataset.ready;
    }
  }

  async draw(leaf) {
    const page = await this.pdf.getPage(Number(leaf.dataset.leaf));
    const fit = this.shape(leaf, page.getViewport({ scale: 1 }));
    const viewport = page.getViewport({ scale: fit * Math.min(window.devicePixelRatio || 1, 2) });
    const canvas = leaf.firstChild;
    [canvas.width, canvas.height] = [Math.floor(viewport.width), Math.floor(viewport.height)];
    leaf.rendering = page.render({ canvas, viewport });
    await leaf.rendering.promise;
    mark(canvas.getContext("2d"), this.article.dataset.mark);
    leaf.dataset.ready = "1";
  }

  again() {
    const here = this.at();
    for (const leaf of this.leaves.children) { this.near(leaf, false); this.watch.unobserve(leaf); }
    for (const leaf of this.leaves.children) {
      const box = leaf.firstChild;
      this.shape(leaf, { width: parseFloat(box.style.width), height: parseFloat(box.style.height) });
      this.watch.observe(leaf);
    }
    this.go(here);
  }

  at() {
    const top = this.leaves.scrollTop + this.leaves.clientHeight / 3;
    const found = Array.from(this.leaves.children).findLast((leaf) => leaf.offsetTop <= top);
    return Number(found?.dataset.leaf ?? 1);
  }

  tell() { this.box.querySelector("[data-told]").textContent = `${this.at()} / ${this.pdf.numPages}`; }

  go(n) {
    const leaf = this.leaves.children[Math.min(Math.max(n, 1), this.leaves.children.length) - 1];
    if (leaf) this.leaves.scrollTop = leaf.offsetTop;
    this.tell();
  }
}

async function start(article, page) {
  const box = article.querySelector("[data-pdf]");
  const text = () => article.querySelector("[data-text]");
  let drawn = null, shown = "text";

  const show = (view) => {
    shown = view;
    text().hidden = view === "drawn";
    box.querySelector("[data-leaves]").hidden = view !== "drawn";
    box.querySelectorAll("[data-view]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.view === view)));
    box.querySelectorAll("[data-zoom]").forEach((b) => { b.disabled = view !== "drawn"; });
  };

  async function turn(url) {
    const fresh = await fragmentOf(url).catch(() => null);
    if (!fresh) { location.href = url; return false; }
    for (const place of ["[data-hits]", "[data-text]", "[data-jump]"]) article.querySelector(place).replaceWith(fresh.querySelector(place));
    if (box) show(shown);
    return true;
  }

  async function goTo(n, url) {
    if (shown === "drawn") { drawn.go(n); article.querySelector("[data-leaves]").focus({ preventScroll: true }); return; }
    if (!document.getElementById(`p${n}`) && !(await turn(url))) return;
    const page = document.getElementById(`p${n}`);
    page?.scrollIntoView({ block: "start" });
    page?.focus({ preventScroll: true });
  }

  article.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-page], a[data-part]");
    const view = event.target.closest("[data-view]"), zoom = event.target.closest("[data-zoom]");
    if (view) { keep(view.dataset.view); show(view.dataset.view); }
    if (zoom) { drawn.zoom = Math.min(4, Math.max(0.5, drawn.zoom * Number(zoom.dataset.zoom))); drawn.again(); }
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.page) await goTo(Number(link.dataset.page), link.href);
    else if (await turn(link.href)) article.querySelector(".text-page")?.focus();
  });
  article.addEventListener("submit", async (event) => {
    const form = event.target, url = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    event.preventDefault();
    if (form.matches("[data-jump]")) { await goTo(Number(new FormData(form).get("at")), url); return; }
    if (await turn(url)) article.querySelector("[data-hits]").focus();
  });

  if (!box) return;
  show("text");
  drawn = new Drawn(article);
  try {
    box.querySelector("[data-leaves]").hidden = false;
    await drawn.open();
    show(kept() === "text" ? "text" : "drawn");
    const asked = page ?? Number(/^#p(\d+)$/.exec(location.hash)?.[1] ?? 0);
    if (asked && shown === "drawn") drawn.go(asked);
  } catch {
    show("text");
    box.querySelectorAll("button").forEach((b) => { b.disabled = true; });
    box.querySelector("[data-told]").textContent = box.dataset.failed;
  }
}

document.querySelectorAll("[data-document]").forEach((article) => start(article));

// Beside a sheet: a file opens in the pane, and the sheet with what is typed in it stays where it is.
const pane = document.querySelector("[data-pane]");
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-read]");
  if (!pane || !link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const article = await fragmentOf(link.href).catch(() => null);
  if (!article) { location.href = link.href; return; }
  pane.querySelector("[data-document]")?.remove();
  pane.append(article);
  pane.hidden = false;
  pane.querySelector("[data-name]").textContent = link.dataset.read;
  pane.dataset.file = link.dataset.file;
  pane.querySelector("[data-name]").focus();
  const page = Number(/#p(\d+)$/.exec(link.href)?.[1] ?? 0); // of a quote: back to where it stands
  await start(article, page);
  const leaf = page ? document.getElementById(`p${page}`) : null;
  if (leaf?.offsetParent) { leaf.scrollIntoView({ block: "start" }); leaf.focus({ preventScroll: true }); }
});
pane?.querySelector("[data-close]").addEventListener("click", () => {
  pane.querySelector("[data-document]")?.remove();
  pane.hidden = true;
  document.getElementById("dossier").focus();
});

// Selected words of one page are kept for the criterion last touched, with the document and page they stand on.
const quote = pane?.querySelector("[data-quote]");
const form = document.getElementById("sheet");
let kept_for = form?.querySelector("[data-quotes]");
form?.addEventListener("focusin", (event) => {
  kept_for = event.target.closest(".scored, fieldset.marks:has(textarea)")?.querySelector("[data-quotes]") ?? kept_for;
});
quote?.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
quote?.addEventListener("click", () => {
  const chosen = getSelection(), range = chosen.rangeCount ? chosen.getRangeAt(0) : null;
  const within = range?.commonAncestorContainer, words = document.createElement("div");
  const text = (within?.nodeType === Node.TEXT_NODE ? within.parentElement : within)?.closest?.(".text-page .prose");
  if (range) words.append(range.cloneContents());
  words.querySelectorAll("[data-cite]").forEach((button) => button.remove()); // the buttons between sentences are no words
  if (pane.hidden || !words.textContent.trim() || !text || !pane.contains(text)) {
    pane.querySelector("[data-quoted]").textContent = quote.dataset.nothing;
    return;
  }
  cite(words.textContent, text.closest(".text-page")).focus();
});
pane?.addEventListener("click", (event) => { // one sentence, without a mouse; the reader stays where the sentence is
  const button = event.target.closest("[data-cite]");
  if (button) cite(document.getElementById(button.getAttribute("aria-describedby")).textContent, button.closest(".text-page"));
});

function cite(said, page) {
  const words = said.replace(/\s+/g, " ").trim().slice(0, 600), name = pane.querySelector("[data-name]").textContent;
  const row = document.createElement("li"), label = document.createElement("label"), tick = document.createElement("input");
  const mark = document.createElement("q"), link = document.createElement("a");
  Object.assign(tick, { type: "checkbox", name: `quote.${kept_for.dataset.quotes}`, checked: true,
    value: `${pane.dataset.file} ${page.id.slice(1)} ${words}` });
  label.className = "choice";
  mark.textContent = words;
  label.append(tick, " ", mark);
  Object.assign(link, { className: "fine", textContent: `${name}, ${page.querySelector("h2").firstChild.textContent.trim()}`,
    href: `${document.querySelector(`a[data-file="${pane.dataset.file}"]`).href.split("?")[0]}?at=${page.id.slice(1)}#${page.id}` });
  Object.assign(link.dataset, { read: name, file: pane.dataset.file });
  row.append(label, " ", link);
  kept_for.append(row);
  kept_for.hidden = false;
  tick.dispatchEvent(new Event("input", { bubbles: true }));
  pane.querySelector("[data-quoted]").textContent = `${quote.dataset.done}: ${kept_for.dataset.quotes}`;
  return tick;
}
