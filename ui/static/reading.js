// Reading an answer: a sentence and its spans light up together, a mark opens the article at its span, a thumb down
// asks why. Everything hangs on the document, since the page's framework replaces what is inside.
"use strict";
(() => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const behavior = () => (calm.matches ? "auto" : "smooth");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const cites = (element) => (element.dataset.cites ?? "").split(" ").filter(Boolean);

  function set(element, name, wanted) {
    if (element[name] !== wanted) element[name] = wanted;
  }

  function toggle(element, name, wanted) {
    if (element.classList.contains(name) !== wanted) element.classList.toggle(name, wanted);
  }

  // What is lit, and whose evidence is shown. A page that grows renders anew: this is put right after it.
  const SPOTS = ".sb-claim, figure[data-cites], .sb-at, mark[data-cite]";
  let chosen = "", lit = null, hovered = null, dwelling = 0;

  function idsOf(spot) {
    if (!spot.matches("mark")) return cites(spot);
    const ids = [];
    for (let mark = spot; mark; mark = mark.parentElement.closest("mark[data-cite]")) ids.push(mark.dataset.cite);
    return ids;
  }

  function show() {
    if (chosen && document.getElementById(chosen)) {
      for (const section of all(".sb-evidence")) set(section, "hidden", section.id !== chosen);
    }
    if (lit && !lit.isConnected) lit = null;
    const ids = new Set(lit ? idsOf(lit) : []);
    const said = lit?.matches(".sb-claim, figure");
    for (const mark of all("mark[data-cite]")) toggle(mark, "sb-lit", ids.has(mark.dataset.cite));
    for (const spot of all("[data-cites]")) {
      const one = said && spot.matches(".sb-claim, figure") ? spot === lit : cites(spot).some((id) => ids.has(id));
      toggle(spot, "sb-lit", Boolean(lit) && one);
    }
  }

  function light(spot) {
    if (spot === lit) return;
    lit = spot;
    show();
    clearTimeout(dwelling);
    if (spot) dwelling = setTimeout(bring, 220);
  }

  // After a moment's rest: the other side comes into view where it scrolls by itself, and stays where it is in view.
  function bring() {
    if (!lit?.isConnected) return;
    const said = lit.matches(".sb-claim, figure");
    const ids = idsOf(lit);
    const section = said && document.getElementById(ids[0])?.closest(".sb-evidence");
    if (section && section.hidden) {
      chosen = section.id;
      show();
    }
    const others = said ? ids.map((id) => document.getElementById(id)).filter(Boolean) : all(".sb-claim.sb-lit");
    const scroller = others.length && scrollerOf(others[0]);
    if (!scroller || others.some((one) => within(one, scroller))) return;
    const box = others[0].getBoundingClientRect(), frame = scroller.getBoundingClientRect();
    scroller.scrollBy({ top: box.top - frame.top - frame.height / 3, behavior: behavior() });
  }

  function scrollerOf(element) {
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) {
      if (one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY)) return one;
    }
    return null;
  }

  function within(element, scroller) {
    const box = element.getBoundingClientRect(), frame = scroller.getBoundingClientRect();
    return box.height > 0 && box.top >= frame.top && box.top < frame.bottom - 16;
  }

  document.addEventListener("pointerover", (event) => {
    if (event.target.closest(".sb-reader")) return;
    hovered = event.target.closest(SPOTS);
    light(hovered ?? document.activeElement?.closest(SPOTS));
  });
  document.addEventListener("focusin", (event) => light(event.target.closest(SPOTS) ?? hovered));
  document.addEventListener("focusout", (event) => {
    if (!event.relatedTarget) light(hovered?.isConnected ? hovered : null);
  });
  document.addEventListener("sourcebound:turn", () => {
    chosen = "";
    why = null;
  });

  // The reader: an article over the evidence, at its span.
  let reader = null;

  function openAt(id, opener) {
    const mark = document.getElementById(id);
    const card = mark?.closest(".sb-card");
    if (!card || !document.getElementById("sb-reader-frame")) return false;
    chosen = card.closest(".sb-evidence")?.id ?? "";
    show();
    const numbers = new Map(all("mark[data-number]", card).map((one) => [one.dataset.span, one.dataset.number]));
    return open(card.querySelector(".sb-read").getAttribute("href"), opener, mark.dataset.span, numbers);
  }

  function open(href, opener, span = "", numbers = new Map()) {
    const frame = document.getElementById("sb-reader-frame");
    if (!frame) return false;
    reader?.close();
    const dialog = document.createElement("dialog");
    dialog.className = "sb-reader";
    dialog.setAttribute("aria-label", frame.dataset.name);
    dialog.append(...frame.cloneNode(true).childNodes);
    document.body.append(dialog);
    const stop = new AbortController();
    dialog.addEventListener("close", () => {
      stop.abort();
      dialog.remove();
      if (reader === dialog) reader = null;
      const back = opener.isConnected ? opener : document.querySelector(`a.sb-cite[href="#${opener.hash?.slice(1)}"]`);
      back?.focus({ preventScroll: true });
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest(".sb-close")) return dialog.close();
      if (event.target.closest(".sb-again")) fill(dialog, href, span, numbers, stop.signal);
      if (event.target.closest(".sb-previous")) step(dialog, -1);
      if (event.target.closest(".sb-next")) step(dialog, 1);
    });
    reader = dialog;
    dialog.showModal();
    fill(dialog, href, span, numbers, stop.signal);
    return true;
  }

  async function fill(dialog, href, span, numbers, signal) {
    const part = (name) => dialog.querySelector(name);
    part(".sb-opening").hidden = false;
    part(".sb-lost").hidden = true;
    part(".sb-close").focus();
    let text = "", made = null, line = "";
    try {
      const reply = await fetch(href, { signal });
      text = await reply.text();
      // Parsed as a document of its own first, so that only the article is taken from whatever came.
      made = new DOMParser().parseFromString(text, "text/html").querySelector(".sb-reading, .sb-unknown");
      if (reply.status === 400 && !made) line = text.slice(0, 200);
    } catch {
      if (signal.aborted) return;
    }
    part(".sb-opening").hidden = true;
    if (!made) {
      part(".sb-line-of").textContent = line;
      part(".sb-lost").hidden = false;
      return part(".sb-again").focus();
    }
    const page = part(".sb-page");
    page.replaceChildren(document.adoptNode(made));
    for (const mark of all("mark[data-span]", page)) {
      if (numbers.has(mark.dataset.span)) mark.dataset.number = numbers.get(mark.dataset.span);
    }
    const title = part(".sb-reading-title");
    title.id = "sb-reader-title";
    dialog.removeAttribute("aria-label");
    dialog.setAttribute("aria-labelledby", title.id);
    const places = all("mark[data-span]", page);
    const at = places.findIndex((mark) => mark.dataset.span === span);
    if (places.length) go(dialog, places, Math.max(at, 0), "auto");
    else title.focus();
  }

  function go(dialog, places, at, how) {
    const now = places[at];
    for (const mark of all("mark", dialog)) toggle(mark, "sb-now", mark.dataset.of === now.dataset.span);
    dialog.dataset.at = at;
    dialog.querySelector(".sb-stepper").hidden = places.length < 2;
    dialog.querySelector(".sb-name").hidden = places.length > 1;
    const words = dialog.querySelector(".sb-step");
    words.textContent = words.dataset.step.replace("{at}", at + 1).replace("{count}", places.length);
    dialog.querySelector(".sb-previous").disabled = at === 0;
    dialog.querySelector(".sb-next").disabled = at === places.length - 1;
    if (how === "auto") now.focus({ preventScroll: true });
    now.scrollIntoView({ block: "center", behavior: how });
  }

  function step(dialog, by) {
    const places = all("mark[data-span]", dialog);
    const pressed = document.activeElement;
    go(dialog, places, Number(dialog.dataset.at) + by, behavior());
    if (pressed?.disabled) dialog.querySelector(by < 0 ? ".sb-next" : ".sb-previous").focus();
  }

  // A thumb down asks why, below what it is on; what is sent is on the button, for who hears its press.
  let why = null;

  const placed = (element) => `[data-turn="${element.turn}"][data-sentence="${element.sentence}"]`;

  function showWhy() {
    const claim = why && document.querySelector(`:is(.sb-claim, .sb-right)${placed(why)}`);
    for (const form of all(".sb-why.sb-open-why")) if (form.previousElementSibling !== claim) form.remove();
    for (const down of all(".sb-down")) {
      const wanted = String(Boolean(why) && down.dataset.turn === why.turn && down.dataset.sentence === why.sentence);
      if (down.getAttribute("aria-expanded") !== wanted) down.setAttribute("aria-expanded", wanted);
    }
    if (!claim || claim.nextElementSibling?.matches(".sb-open-why")) return;
    const kind = claim.matches(".sb-right") ? ".sb-why-whole" : ":not(.sb-why-whole)";
    const source = claim.closest(".sb-reply, body").querySelector(`.sb-why${kind}:not(.sb-open-why)`);
    if (!source) return;
    const form = source.cloneNode(true);
    form.hidden = false;
    form.classList.add("sb-open-why");
    claim.after(form);
    const send = form.querySelector(".sb-send");
    Object.assign(send.dataset, { turn: why.turn, sentence: why.sentence, reason: why.reason, note: why.note });
    form.querySelector(".sb-line").value = why.note;
    for (const choice of all("input[type=radio]", form)) choice.checked = choice.value === why.reason;
  }

  function closeWhy(back) {
    const down = why && document.querySelector(`.sb-down${placed(why)}`);
    why = null;
    showWhy();
    if (back) down?.focus({ preventScroll: true });
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest(".sb-open-why");
    if (!form || !why) return;
    const checked = form.querySelector("input[type=radio]:checked");
    Object.assign(why, { reason: checked?.value ?? "", note: form.querySelector(".sb-line").value });
    Object.assign(form.querySelector(".sb-send").dataset, { reason: why.reason, note: why.note });
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest(".sb-open-why");
    if (!form) return;
    event.preventDefault();
    form.querySelector(".sb-send").click();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest(".sb-open-why")) closeWhy(true);
    if (event.key === "Enter" && event.target.matches(".sb-open-why .sb-line")) {
      event.preventDefault(); // without a button that submits, some browsers send nothing
      event.target.closest("form").querySelector(".sb-send").click();
    }
  });

  // While it goes down, before the page hears it: a thumb down is no press of its own yet.
  document.addEventListener("click", (event) => {
    const down = event.target.closest(".sb-down");
    if (!down || down.ariaPressed === "true") return; // pressed again it is taken back, as a press of its own
    event.preventDefault();
    event.stopPropagation();
    const { turn, sentence } = down.dataset;
    if (down.getAttribute("aria-expanded") === "true") return closeWhy(true);
    why = { turn, sentence, reason: "", note: "" };
    showWhy();
    const form = document.querySelector(".sb-open-why");
    form?.querySelector("input").focus({ preventScroll: true });
    form?.scrollIntoView({ block: "nearest", behavior: behavior() }); // all of it: a phone has the box over its end
  }, true);

  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a.sb-cite");
    if (link && openAt(link.hash.slice(1), link)) return event.preventDefault();
    const at = event.target.closest(".sb-at");
    if (at) return void openAt(at.dataset.at, at);
    const whole = event.target.closest("a[href^='/parts/article/']");
    if (whole && open(whole.getAttribute("href"), whole)) return event.preventDefault();
    const mark = event.target.closest("mark[data-cite]");
    if (mark && getSelection().isCollapsed) return void openAt(mark.dataset.cite, document.getElementById(mark.dataset.cite));
    if (event.target.closest(".sb-cancel")) return closeWhy(true);
    // Only after everybody heard the press is the button taken away.
    if (event.target.closest(".sb-open-why .sb-send")) setTimeout(closeWhy, 0, true);
  });

  document.addEventListener("sourcebound:open", (event) => {
    const language = document.documentElement.lang || "en";
    open(`/parts/article/${encodeURIComponent(event.detail.article)}?lang=${language}`, document.activeElement);
  });

  new MutationObserver(() => {
    show();
    showWhy();
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["hidden"] });
})();
