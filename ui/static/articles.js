/* The Articles tab: fetches the list, keeps the reader's place in it, and adds, removes and restores articles. */
(() => {
  "use strict";

  const PAUSE = 250; // ms after the last key before searching
  const STAYS = 20000; // ms that the offer to undo stays when nobody is at it
  const BUSY = 3000; // ms before a busy server is asked again
  const SWAPPED = ["sb-articles-results", "sb-articles-changes", "sb-articles-size"]; // regions that are replaced when the list is fetched
  const chosen = new Map(); // id -> title of the ticked rows, on whatever page
  const queue = []; // what is to be sent, one at a time
  const HOPELESS = [400, 413, 415]; // replies to a file that the same file would get again
  let newest = 0; // number of the newest fetch; what an older one brings is dropped
  let typing, leaving, sending = false;

  const tab = () => document.getElementById("sb-articles");
  const within = (selector) => tab()?.querySelector(selector);
  const all = (selector) => [...(tab()?.querySelectorAll(selector) || [])];
  const corpus = () => within(".sb-corpus");
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const say = (name, values = {}) => filled(JSON.parse(corpus().dataset.words)[name], values);
  const language = () => new URL(tab().dataset.part, location.href).searchParams.get("lang") || "en";
  const number = (value) => value.toLocaleString(language());
  const counted = (name, count) => say(`${name}_${count === 1 ? "one" : "many"}`, { count: number(count) });
  const api = (path) => `/api/articles/${path}${path.includes("?") ? "&" : "?"}lang=${language()}`;

  function made(name, className, text) {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  function button(className, text, press) {
    const element = made("button", className, text);
    element.type = "button";
    element.addEventListener("click", press);
    return element;
  }

  const announce = (text) => { within("#sb-articles-said").textContent = text; };

  /* When this reader was last here. It stays the same for the whole visit, and the next visit begins from the end of it. */
  function seen() {
    try {
      let last = sessionStorage.getItem("sb-articles-seen");
      if (last === null) {
        last = localStorage.getItem("sb-articles-seen") || "";
        sessionStorage.setItem("sb-articles-seen", last);
      }
      return last;
    } catch { return ""; } // storage is shut: every visit is a first one
  }

  function note(at) {
    try { localStorage.setItem("sb-articles-seen", at); } catch { /* see above */ }
  }

  /* Fetching */

  function wanted(changed) {
    const address = new URL(tab().dataset.part, location.href);
    for (const [name, value] of Object.entries(changed)) {
      if (value === "" || value === null) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    tab().dataset.part = address.pathname + address.search; // a reload of the part keeps it
    address.searchParams.set("seen", seen());
    return address.pathname + address.search;
  }

  async function html(path) {
    const reply = await fetch(path, { headers: { accept: "text/html" } });
    if (!reply.ok) { // such as a sign-in that has expired: the server's own line says it best
      const body = await reply.json().catch(() => ({}));
      throw new Error(body.error || body.detail || "", { cause: reply.status });
    }
    const holder = document.createElement("template");
    holder.innerHTML = await reply.text();
    return holder.content;
  }

  async function load(changed = {}, spoken = false) {
    if (!tab()) return false;
    const turn = ++newest;
    const results = within("#sb-articles-results");
    tab().setAttribute("aria-busy", "true");
    try {
      const fresh = await html(wanted(changed));
      if (turn !== newest) return false;
      if (results) swap(fresh);
      else tab().replaceChildren(fresh);
      note(corpus().dataset.at);
      marked();
      if (spoken) announce(within("#sb-articles-results").dataset.found);
      return true;
    } catch (error) {
      if (turn === newest) gone(Boolean(results), error);
      return false;
    } finally {
      if (turn === newest) tab()?.removeAttribute("aria-busy");
    }
  }

  function swap(fresh) {
    const held = document.activeElement;
    const inside = held && tab().contains(held) ? held.id : "";
    for (const id of SWAPPED) {
      const [old, next] = [document.getElementById(id), fresh.getElementById(id)];
      if (id !== SWAPPED[0] && old.querySelector("details[open]")) next.querySelector("details")?.setAttribute("open", "");
      old.replaceWith(next);
    }
    const outlets = fresh.getElementById("sb-articles-outlets");
    const current = within("#sb-articles-outlets");
    if (outlets && current !== held) {
      const value = current.value;
      current.replaceChildren(...outlets.childNodes);
      current.value = value;
    }
    corpus().dataset.at = fresh.firstElementChild.dataset.at;
    within(".sb-stale")?.remove();
    if (inside && !held.isConnected) (document.getElementById(inside) || within("#sb-articles-results")).focus({ preventScroll: true });
  }

  function gone(shown, error) {
    const told = error.cause ? error.message : "";
    const line = made("div", shown ? "sb-stale" : "sb-silent");
    line.setAttribute("role", "alert");
    line.append(made("p", "", told || (shown ? say("stale") : tab().dataset.gone)));
    line.append(button("sb-button", tab().dataset.again, () => load()));
    within(".sb-stale")?.remove();
    if (shown) within("#sb-articles-results").before(line);
    else tab().replaceChildren(line);
  }

  /* Searching and filtering */

  function asked(form) {
    const given = Object.fromEntries(new FormData(form));
    return { q: given.q.trim(), outlet: given.outlet, since: given.since, until: given.until, only: given.only, page: "" };
  }

  const search = (form) => { clearTimeout(typing); load(asked(form), true); };

  function clear() {
    const form = within(".sb-filters");
    for (const field of form.elements) field.value = "";
    within("#sb-search").focus();
    search(form);
  }

  /* Ticked rows */

  function marked() {
    for (const box of all("[data-tick]")) box.checked = chosen.has(box.dataset.tick);
    const bar = within(".sb-chosen");
    if (!bar) return;
    bar.hidden = chosen.size === 0;
    bar.firstElementChild.textContent = counted("selected", chosen.size);
    const boxes = all(".sb-list [data-tick]");
    const ticked = boxes.filter((box) => box.checked).length;
    const every = within('[data-do="choose-page"]');
    every.checked = ticked > 0 && ticked === boxes.length;
    every.indeterminate = ticked > 0 && ticked < boxes.length;
  }

  function tick(box, on) {
    if (on) chosen.set(box.dataset.tick, within(`#sb-open-${CSS.escape(box.dataset.tick)}`).textContent);
    else chosen.delete(box.dataset.tick);
  }

  /* Removing and undoing */

  async function call(path, options) {
    const reply = await fetch(api(path), options).catch(() => null);
    if (!reply) return { error: say("lost") };
    const body = await reply.json().catch(() => ({ error: say("lost") }));
    return reply.ok ? body : { error: body.error || body.detail || say("lost") };
  }

  async function remove(articles) {
    const removed = [], failed = [];
    for (const [id, title] of articles) {
      const reply = await call(encodeURIComponent(id), { method: "DELETE" });
      if (reply.error) failed.push(reply.error);
      else { removed.push([id, title]); chosen.delete(id); }
    }
    await load();
    const lines = [];
    if (removed.length === 1) lines.push(say("removed_one", { title: removed[0][1] }));
    if (removed.length > 1) lines.push(say("removed_many", { count: number(removed.length) }));
    if (failed.length) lines.push(say("removed_failed", { count: number(failed.length), reason: failed[0] }));
    toast(lines.join(" "), removed.length ? () => undo(removed) : null);
  }

  async function undo(removed) {
    const failed = [], left = [];
    for (const one of removed) {
      const reply = await call(`${encodeURIComponent(one[0])}/restore`, { method: "POST" });
      if (reply.error) { failed.push(reply.error); left.push(one); }
    }
    await load();
    toast(failed[0] || say("restored"), left.length ? () => undo(left) : null); // what failed can be tried again
    const first = document.getElementById(`sb-open-${removed[0][0]}`);
    (first || within("#sb-articles-results")).focus({ preventScroll: true });
  }

  /* A line that offers to undo: the focus goes to it, and its time runs only while nobody is at it. */
  function toast(text, revert) {
    const line = made("div", "sb-toast");
    const said = made("p", "");
    said.setAttribute("role", "status");
    line.append(said);
    const again = revert && button("sb-button", say("undo"), () => { leave(line); revert(); });
    if (again) { again.id = "sb-undo"; line.append(again); }
    line.append(button("sb-link", say("dismiss"), () => leave(line)));
    line.addEventListener("keydown", (event) => { if (event.key === "Escape") leave(line); });
    line.addEventListener("mouseenter", () => clearTimeout(leaving));
    line.addEventListener("focusin", () => clearTimeout(leaving));
    for (const name of ["mouseleave", "focusout"]) line.addEventListener(name, () => wait(line));
    within("#sb-articles-toast").replaceChildren(line);
    said.textContent = text; // after the element is there, so that it is read out
    if (again) again.focus({ preventScroll: true });
    wait(line);
  }

  function wait(line) {
    clearTimeout(leaving);
    leaving = setTimeout(() => { if (line.contains(document.activeElement) || line.matches(":hover")) wait(line); else line.remove(); }, STAYS);
  }

  function leave(line) {
    const held = line.contains(document.activeElement);
    clearTimeout(leaving);
    line.remove();
    if (held) within("#sb-articles-results").focus({ preventScroll: true });
  }

  /* Copies of a story */

  async function story(press) {
    const row = press.closest("tr");
    const open = press.getAttribute("aria-expanded") === "true";
    press.setAttribute("aria-expanded", String(!open));
    for (let next = row.nextElementSibling; next?.classList.contains("sb-member"); next = row.nextElementSibling) next.remove();
    if (open) return;
    const { story: head, but } = press.dataset;
    try {
      const fresh = await html(`/parts/articles/story/${encodeURIComponent(head)}?but=${encodeURIComponent(but)}&lang=${language()}`);
      if (press.getAttribute("aria-expanded") === "true") row.after(...fresh.querySelectorAll("tr"));
      marked();
    } catch (error) {
      press.setAttribute("aria-expanded", "false");
      gone(true, error);
    }
  }

  /* Adding */

  const size = (bytes) => (bytes < 1 << 20 ? `${number(Math.ceil(bytes / 1024))} KiB` : `${number(Math.round(bytes / 104857.6) / 10)} MiB`);

  function enlist(name, send, refusal) {
    const row = made("li", "sb-sending");
    const bar = made("progress", "");
    const state = made("span", "sb-state", say("waiting"));
    const shown = made("bdi", "sb-what", name.replace(/\p{C}/gu, "")); // marks that turn text around stay out
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", name);
    const stop = button("sb-button", say("cancel"), () => cancel(job));
    stop.setAttribute("aria-label", `${say("cancel")}: ${shown.textContent}`);
    row.append(shown, state, bar, stop);
    within(".sb-sent").hidden = false;
    within(".sb-sent ol").append(row);
    const job = { row, shown, bar, state, stop, send };
    if (refusal) { finish(job, "refused", [refusal]); return; }
    queue.push(job);
    work();
  }

  /* What waits, or has not wholly gone, is not sent. The server may read what it has: then there is nothing to cancel. */
  function cancel(job) {
    job.cancelled = true;
    const place = queue.indexOf(job);
    if (place >= 0) { queue.splice(place, 1); ended(job, "cancelled"); }
    else job.leave?.();
  }

  function ended(job, why) {
    const held = job.stop === document.activeElement;
    finish(job, "refused", [say(why)]);
    if (held) { job.row.tabIndex = -1; job.row.focus(); }
  }

  async function work() {
    if (sending) return;
    sending = true;
    const counts = {};
    for (let job = queue.shift(); job; job = queue.shift()) {
      let reply = await job.send(job);
      while (reply.status === 429 && !job.cancelled) {
        job.state.textContent = say("waiting_turn");
        job.stop.hidden = false; // the server kept nothing of it
        await new Promise((resolve) => { job.leave = resolve; setTimeout(resolve, BUSY); });
        if (!job.cancelled) reply = await job.send(job);
      }
      settle(job, reply, counts);
    }
    sending = false;
    await load();
    if (!Object.keys(counts).length) return;
    const order = ["added", "replaced", "unchanged", "duplicate", "failed"];
    const told = order.filter((name) => counts[name]).map((name) => counted(`tally_${name}`, counts[name]));
    announce(say("done", { counts: told.join(", ") }));
  }

  function settle(job, reply, counts) {
    if (job.cancelled && !reply.body?.counts) return ended(job, reply.status === 429 ? "cancelled" : "halted");
    const found = reply.body?.counts || { failed: 1 };
    for (const [name, count] of Object.entries(found)) counts[name] = (counts[name] || 0) + count;
    if (!reply.body?.counts) {
      const result = HOPELESS.includes(reply.status) ? "refused" : "failed";
      finish(job, result, [reply.body?.error || reply.body?.detail || say("lost")]);
      return;
    }
    const { outcomes } = reply.body;
    const names = Object.keys(found);
    const result = found.failed ? "failed" : names.length === 1 ? names[0] : "added";
    const whole = Object.values(found).reduce((sum, count) => sum + count, 0);
    if (whole === 1) { finish(job, result, [outcomes[0].line], outcomes[0].article_id); return; }
    const told = names.map((name) => counted(`tally_${name}`, found[name])).join(", ");
    const bad = outcomes.filter((outcome) => outcome.result === "failed").map((outcome) => `${outcome.item}: ${outcome.line}`);
    finish(job, result, [told, ...bad.slice(0, 5)]);
  }

  function finish(job, result, lines, article) {
    if (article) {
      const open = button("sb-headline", job.shown.textContent, () => {});
      open.dataset.open = article;
      job.shown.replaceChildren(open);
    }
    job.row.className = `sb-ended sb-${result}`;
    job.bar.remove();
    job.stop.remove();
    job.state.replaceChildren(...lines.map((line) => made("span", "", line)));
    if (result !== "failed") return;
    job.row.append(button("sb-button", say("again"), (event) => {
      const focus = event.currentTarget === document.activeElement;
      event.currentTarget.remove();
      job.row.className = "sb-sending";
      job.bar.removeAttribute("value");
      job.state.textContent = say("waiting");
      job.state.after(job.bar, job.stop);
      job.stop.hidden = false;
      if (focus) { job.row.tabIndex = -1; job.row.focus(); }
      queue.push(job);
      work();
    }));
  }

  /* XMLHttpRequest, because fetch does not tell how much of a body has gone. */
  function sendFile(file) {
    return (job) => new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", api(`files?name=${encodeURIComponent(file.name)}`));
      request.setRequestHeader("content-type", "application/octet-stream");
      request.responseType = "json";
      job.leave = () => request.abort();
      request.upload.addEventListener("progress", (event) => {
        job.bar.value = event.loaded / (event.total || 1);
        job.state.textContent = say("sending", { done: size(event.loaded), whole: size(event.total) });
      });
      request.upload.addEventListener("load", () => {
        job.bar.removeAttribute("value");
        job.stop.hidden = true;
        job.state.textContent = say("reading");
      });
      request.addEventListener("load", () => resolve({ status: request.status, body: request.response }));
      for (const name of ["error", "abort"]) request.addEventListener(name, () => resolve({ status: 0 }));
      request.send(file);
    });
  }

  function sendAddress(url) {
    return async (job) => {
      job.bar.removeAttribute("value");
      job.stop.hidden = true;
      job.state.textContent = say("fetching");
      const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ url }) };
      const reply = await fetch(api("address"), options).catch(() => null);
      return reply ? { status: reply.status, body: await reply.json().catch(() => null) } : { status: 0 };
    };
  }

  function addFiles(files, folders = []) {
    within(".sb-add").open = true;
    for (const folder of folders) enlist(folder, null, say("refused_folder"));
    for (const file of files) {
      const tooLarge = file.size > Number(corpus().dataset.largest);
      enlist(file.name, sendFile(file), tooLarge ? corpus().dataset.large : "");
    }
  }

  function dropped(event) {
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
    const folders = entries.filter((entry) => entry?.isDirectory).map((entry) => entry.name);
    addFiles([...event.dataTransfer.files].filter((file) => !folders.includes(file.name)), folders);
  }

  function addAddress(field) {
    const given = field.value.trim();
    if (!given) { field.focus(); return; }
    const url = /^[a-z][a-z0-9+.-]*:/i.test(given) ? given : `https://${given}`;
    field.value = "";
    enlist(url, sendAddress(url), "");
  }

  /* What the reader does */

  const DOES = {
    clear,
    "choose-files": () => within("#sb-files").click(),
    "choose-none": () => { chosen.clear(); marked(); within("#sb-articles-results").focus({ preventScroll: true }); },
    "remove-chosen": () => remove([...chosen]),
    "clear-sent": () => {
      for (const row of all(".sb-sent .sb-ended")) row.remove();
      const left = all(".sb-sent li").length;
      within(".sb-sent").hidden = left === 0;
      if (!left) within(".sb-add summary").focus();
    },
  };

  document.addEventListener("click", (event) => {
    const press = event.target.closest?.("#sb-articles button, #sb-articles input");
    if (!press) return;
    const { sort, page, open, remove: ident, story: head } = press.dataset;
    if (sort) load({ sort, down: press.dataset.down, page: "" }, true);
    else if (page) load({ page: page === "1" ? "" : page }, true).then(() => within("#sb-articles-results").scrollIntoView({ block: "start" }));
    else if (open) document.dispatchEvent(new CustomEvent("sourcebound:open", { detail: { article: open } }));
    else if (ident) remove([[ident, press.dataset.title]]);
    else if (head) story(press);
    else DOES[press.dataset.do]?.();
  });

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!tab()?.contains(field)) return;
    if (field.id === "sb-files") { addFiles([...field.files]); field.value = ""; }
    else if (field.dataset.tick) { tick(field, field.checked); marked(); }
    else if (field.dataset.do === "choose-page") { for (const box of all(".sb-list [data-tick]")) tick(box, field.checked); marked(); }
    else if (field.form?.matches(".sb-filters") && field.name !== "q") search(field.form);
  });

  document.addEventListener("input", (event) => {
    if (event.target.id !== "sb-search") return;
    clearTimeout(typing);
    typing = setTimeout(() => search(event.target.form), PAUSE);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!tab()?.contains(form)) return;
    event.preventDefault();
    if (form.matches(".sb-filters")) search(form);
    else if (form.matches(".sb-by-address")) addAddress(form.elements["sb-address"]);
  });

  const carriesFiles = (event) => tab()?.offsetParent && within(".sb-add") && [...(event.dataTransfer?.types || [])].includes("Files");

  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    within(".sb-add").open = true;
    tab().classList.add("sb-over");
  });

  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) tab()?.classList.remove("sb-over"); });

  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    tab().classList.remove("sb-over");
    dropped(event);
  });

  window.addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); }); // what waits would be lost

  /* Filled when it is first shown; Gradio may put a fresh placeholder in the old one's place. */

  function fill() {
    if (tab() && !corpus() && !tab().hasAttribute("aria-busy") && !within(".sb-silent")) load();
  }

  document.addEventListener("sourcebound:tab", (event) => {
    if (event.detail !== "articles") return;
    if (corpus()) load(); // others may have changed the list meanwhile
    else fill();
  });

  const watching = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) fill(); });
  let watched = null;
  new MutationObserver(() => {
    if (tab() === watched) return;
    watching.disconnect();
    watched = tab();
    if (watched) watching.observe(watched);
  }).observe(document.documentElement, { childList: true, subtree: true });
  watched = tab();
  if (watched) watching.observe(watched);
})();
