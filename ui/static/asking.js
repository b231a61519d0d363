// The page around the answers: presses are handed to Gradio, what the server tells is done here. Nothing is fetched but
// this page's own server.
"use strict";
window.sourcebound = (() => {
  const KEPT = "sourcebound:conversation:";
  const OWNER = "sourcebound:owner";
  const MOST_KEPT = 20;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const behavior = () => (calm.matches ? "auto" : "smooth");
  const box = () => document.querySelector("#sb-box textarea");

  // What a reader keeps in this browser: a key a conversation, so that two tabs do not overwrite each other's.
  function keys() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(KEPT));
    } catch {
      return []; // storage is shut: conversations last as long as the page
    }
  }

  function kept() {
    return keys().map((key) => [key, read(key)]).filter(([, one]) => one)
      .sort(([, one], [, other]) => (one.at < other.at ? 1 : -1));
  }

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  // What the links and judgements of this browser belong to, where nobody signs in.
  function owner() {
    try {
      const known = localStorage.getItem(OWNER);
      if (known) return known;
      const made = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
      localStorage.setItem(OWNER, made);
      return made;
    } catch {
      return "";
    }
  }

  function stored() {
    const all = kept().map(([, one]) => one);
    const headings = all.map(({ id, title, at, answers }) => ({ id, title, at, answers: answers?.length }));
    return JSON.stringify({ owner: owner(), kept: headings.slice(0, MOST_KEPT), newest: all[0] ?? null });
  }

  // Of a conversation that another tab has added to meanwhile this one becomes a conversation of its own; of one that was
  // deleted there only the newest answer is kept.
  const mine = new Map(), apart = new Map();

  function keep({ was, ...one }) {
    const name = one.id;
    const there = read(KEPT + (mine.get(name) ?? name));
    if (was && !there) apart.set(name, one.answers.length - 1);
    if (there && there.at !== was) mine.set(name, name + Math.random().toString(36).slice(2, 8));
    one.answers = one.answers.slice(apart.get(name) ?? 0);
    one.id = mine.get(name) ?? name;
    if (!one.answers.length) return;
    for (const older = kept().filter(([key]) => key !== KEPT + one.id); ; ) {
      try {
        for (const [key] of older.splice(MOST_KEPT - 1)) localStorage.removeItem(key);
        return localStorage.setItem(KEPT + one.id, JSON.stringify(one));
      } catch {
        if (!older.length) return; // no room even for this one
        localStorage.removeItem(older.pop()[0]);
      }
    }
  }

  function forget(id) {
    for (const key of keys()) if (id === "*" || key === KEPT + (mine.get(id) ?? id)) localStorage.removeItem(key);
  }

  // A press: the nearest Gradio component of ours hears it, with what the button says of itself.
  let judged = new Map(); // which thumb is pressed, as the server told it last
  let sure = null;

  function press(button) {
    if (button.dataset.sure && sure !== button) {
      sure = button;
      button.dataset.label = button.textContent;
      button.textContent = button.dataset.sure;
      return;
    }
    sure = null;
    const place = button.closest("#sb-conversation, #sb-past, #sb-editing, #sb-dates");
    const heard = place?.querySelector(".prose, [id^=html-]") ?? place;
    const told = { ...button.dataset };
    if (button.matches(".sb-rate [aria-pressed=true]")) told.act = "unrate"; // pressed again: taken back
    if (told.act === "open") told.stored = JSON.stringify({ ...read(KEPT + (mine.get(told.id) ?? told.id)), id: told.id });
    heard?.dispatchEvent(new CustomEvent("sb-press", { bubbles: true, detail: told }));
    const menu = button.closest("details.sb-kept");
    if (menu && ["open", "forget-all", "export"].includes(button.dataset.act)) menu.open = false;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-act]");
    if (sure && sure !== button) {
      sure.textContent = sure.dataset.label;
      sure = null;
    }
    if (button && !event.defaultPrevented) press(button);
    for (const menu of document.querySelectorAll("details.sb-kept[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.sb-kept[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // What the server tells.
  let last = "", quiet = 0;

  function announce(words, button) {
    const line = document.getElementById("sb-said");
    if (!line) return;
    clearTimeout(quiet);
    line.textContent = words;
    const shut = Object.assign(document.createElement("button"), { type: "button", className: "sb-act", textContent: "✕" });
    shut.setAttribute("aria-label", line.dataset.close);
    shut.addEventListener("click", () => { line.hidden = true; });
    line.append(" ", ...(button ? [button] : []), shut);
    line.hidden = !words;
    quiet = setTimeout(() => { line.hidden = true; }, button ? 20000 : 6000);
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { // no permission, or no secure context
      const area = Object.assign(document.createElement("textarea"), { value: text, className: "sb-hidden" });
      const focused = document.activeElement;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      focused?.focus({ preventScroll: true });
      return done;
    }
  }

  function download({ name, type, text }) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    Object.assign(document.createElement("a"), { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  // Whoever is quicker than the page: a question waits until what is kept is there, else the one would undo the other. It
  // is held here and not in an event of Gradio's, which would hold up the event that it waits for.
  let filled = false, waiting = false;

  function hold(event) {
    const enter = event.type === "keydown" && event.key === "Enter" && !event.shiftKey && event.target === box();
    if (filled || (!enter && !(event.type === "click" && event.target.closest?.("#sb-send")))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = true;
  }

  function open() {
    filled = true;
    if (waiting) setTimeout(() => document.getElementById("sb-send")?.click(), 0);
    waiting = false;
  }

  for (const name of ["keydown", "click"]) document.addEventListener(name, hold, true);
  setTimeout(open, 20000); // whatever went wrong, the reader can ask

  async function receive(told) {
    if (!told || told === last) return;
    last = told;
    const message = JSON.parse(told);
    if (message.opened) {
      open();
      if (draft() && box() && !box().value) write(draft());
    }
    if (message.taken) keepDraft("");
    if (message.keep && location.search) history.replaceState(null, "", location.pathname); // it is not the shared one now
    if (message.expired) return void expired();
    if (message.keep) keep(message.keep);
    if (message.forget) forget(message.forget);
    if (message.download) download(message.download);
    if (message.focus) focusBox();
    if (message.limited !== undefined) limited(message.limited);
    if (message.thumbs) {
      judged = new Map(message.thumbs.map(([turn, sentence, up]) => [`${turn}:${sentence}`, up ? "up" : "down"]));
      showJudged();
    }
    const text = message.link ? new URL(message.link, location.origin + location.pathname).href : message.copy;
    if (text !== undefined && !(await copy(text))) return announce(message.link ? text : message.refused);
    let button = null;
    if (message.shared) {
      button = Object.assign(document.createElement("button"), { type: "button", className: "sb-act", textContent: message.remove });
      button.addEventListener("click", (event) => {
        event.preventDefault();
        const place = document.querySelector("#sb-conversation [id^=html-]");
        place?.dispatchEvent(new CustomEvent("sb-press", { bubbles: true, detail: { act: "unlink", id: message.shared } }));
      });
    }
    if (message.say) announce(message.say, button);
  }

  function showJudged() {
    for (const button of document.querySelectorAll(".sb-rate button[data-act]")) {
      const now = String(judged.get(`${button.dataset.turn}:${button.dataset.sentence}`) === button.dataset.act);
      if (button.getAttribute("aria-pressed") !== now) button.setAttribute("aria-pressed", now);
    }
  }

  // What is being typed outlasts a reload, as Gradio makes one when the server was started anew.
  const DRAFT = "sourcebound:draft";
  document.addEventListener("input", (event) => {
    if (event.target === box()) keepDraft(event.target.value);
  });

  function keepDraft(text) {
    try {
      sessionStorage.setItem(DRAFT, text);
    } catch { /* storage is shut */ }
  }

  function draft() {
    try {
      return sessionStorage.getItem(DRAFT) ?? "";
    } catch {
      return "";
    }
  }

  // Earlier questions come back with the up arrow, as in a shell.
  let place = -1, typed = "";

  function questions() {
    return [...document.querySelectorAll(".sb-question p:not(.sb-note)")].map((one) => one.textContent).reverse();
  }

  function write(text) {
    const area = box();
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.setSelectionRange(text.length, text.length);
  }

  document.addEventListener("keydown", (event) => {
    const area = event.target;
    if (area !== box() || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const asked = questions();
    const up = event.key === "ArrowUp" && !area.value.slice(0, area.selectionStart).includes("\n");
    const down = event.key === "ArrowDown" && place >= 0 && !area.value.slice(area.selectionEnd).includes("\n");
    if (up && place + 1 < asked.length) {
      if (place < 0) typed = area.value;
      place += 1;
    } else if (down) {
      place -= 1;
    } else {
      if (event.key === "Enter") place = -1;
      return;
    }
    event.preventDefault();
    write(place < 0 ? typed : asked[place]);
  });

  function focusBox() {
    setTimeout(() => {
      const area = box();
      area?.focus();
      area?.setSelectionRange(area.value.length, area.value.length);
    }, 50);
  }

  // The page is shown when all of its parts have come. The box gets the focus unless that would open a touch keyboard.
  const PARTS = ["#sb-head h1", "#sb-tools *", "#sb-tabs [role=tab]", "#sb-conversation :is(.sb-start, .sb-turns)", "#sb-box textarea", "#sb-past *"];
  let there = false;
  function show() {
    if (there || !PARTS.every((part) => document.querySelector(part))) return;
    there = true;
    document.documentElement.dataset.there = "";
    if (matchMedia("(pointer: fine)").matches) box().focus({ preventScroll: true });
  }

  // Which turn is in view, and what a screen reader hears of it.
  let shown = "";
  new MutationObserver(() => {
    show();
    const turn = document.querySelector(".sb-turn:last-child");
    const status = document.getElementById("sb-status");
    const words = turn?.dataset.spoken ?? "";
    if (status && status.textContent !== words) status.textContent = words;
    // To the newest turn once when it is asked and once when there is something to read; never while that grows.
    const begun = Boolean(turn) && !turn.querySelector(".sb-reply > .sb-busy:only-child");
    const state = turn ? turn.id + begun : "";
    if (state !== shown) {
      shown = state;
      document.dispatchEvent(new CustomEvent("sourcebound:turn", { detail: { begun } }));
      if (turn) {
        turn.scrollIntoView({ block: "start", behavior: behavior() });
        document.getElementById("sb-panel")?.scrollTo(0, 0);
      }
    }
    showJudged();
    complete();
    // What was clicked may be gone now: give the keyboard back to the box, unless that would open a touch keyboard.
    if (turn && document.activeElement === document.body && matchMedia("(pointer: fine)").matches) {
      box()?.focus({ preventScroll: true });
    }
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-spoken", "class"] });

  // Gradio says that the page is in the browser's language; it is in its own.
  const speak = () => say(document.documentElement, "lang", document.documentElement.dataset.lang);
  speak();
  new MutationObserver(speak)
    .observe(document.documentElement, { attributeFilter: ["lang"] });

  // What Gradio's own parts leave unsaid to whoever does not see them.
  function complete() {
    const filters = document.querySelector("#sb-filters .label-wrap");
    if (filters) say(filters, "aria-expanded", String(filters.classList.contains("open")));
    const boxes = [...document.querySelectorAll("#sb-filters .form :is(input:not([role=combobox]), textarea)")];
    if (boxes.length) limited(boxes.some((one) => one.value.trim()) || Boolean(document.querySelector("#sb-filters .token")));
    for (const chip of document.querySelectorAll("#sb-page .token")) {
      const remove = chip.querySelector(".token-remove");
      if (remove) say(remove, "aria-label", `✕ ${chip.textContent.trim()}`);
    }
    for (const area of document.querySelectorAll("#sb-page textarea[dir=ltr]")) area.dir = "auto";
    for (const panel of document.querySelectorAll("#sb-tabs > [role=tabpanel]")) {
      say(panel, "aria-labelledby", `${panel.id}-button`);
    }
  }

  // Filters hold while their boxes are folded away: their button says so.
  function limited(on) {
    const label = document.querySelector("#sb-filters .label-wrap span");
    const word = document.getElementById("sb-said")?.dataset.set ?? "";
    if (label) say(label, "data-set", on ? ` · ${word}` : "");
  }

  document.addEventListener("input", (event) => {
    if (event.target.closest?.("#sb-filters")) complete();
  });

  function say(element, name, words) {
    if (element.getAttribute(name) !== words) element.setAttribute(name, words);
  }

  // Whether the server is there: asked now and then while somebody looks.
  async function look() {
    if (document.hidden) return;
    const banner = document.getElementById("sb-offline");
    const there = await ask("/parts/here", { cache: "no-store" }).then(() => true, () => false);
    if (banner && banner.hidden !== there) banner.hidden = there;
  }

  function expired() {
    const banner = document.getElementById("sb-expired");
    banner?.removeAttribute("hidden");
  }

  // Whoever asks, Gradio's scripts or ours: a session that has ended is told once, with the way back.
  const ask = window.fetch;
  window.fetch = async (...request) => {
    const reply = await ask(...request).catch((error) => {
      if (error.name !== "AbortError") look();
      throw error;
    });
    if (reply.status === 401) {
      const banner = document.getElementById("sb-signed-out");
      const again = banner?.querySelector("a");
      if (again) again.href = `/sign-in?why=expired&next=${encodeURIComponent(location.pathname)}`;
      banner?.removeAttribute("hidden");
    }
    return reply;
  };
  setInterval(look, 15000);
  for (const name of ["online", "offline", "visibilitychange"]) window.addEventListener(name, look);

  return { stored, receive };
})();
