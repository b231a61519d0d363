/* The Quality tab: fetched when it is first shown, and again when another report is chosen. */
(() => {
  "use strict";

  const tab = () => document.getElementById("sb-quality");
  let newest = 0; // number of the newest fetch; what an older one brings is dropped

  function lost(again) {
    const line = document.createElement("p");
    const press = document.createElement("button");
    line.setAttribute("role", "alert");
    line.textContent = `${tab().dataset.gone} `;
    press.type = "button";
    press.textContent = tab().dataset.again;
    press.addEventListener("click", again);
    line.append(press);
    tab().replaceChildren(line);
  }

  async function load(report) {
    const turn = ++newest;
    const address = new URL(tab().dataset.part, location.href);
    if (report !== undefined) address.searchParams.set("report", report);
    tab().dataset.shown = "yes";
    tab().setAttribute("aria-busy", "true");
    try {
      const reply = await fetch(address.pathname + address.search, { headers: { accept: "text/html" } });
      if (!reply.ok) throw new Error(String(reply.status));
      const holder = document.createElement("template");
      holder.innerHTML = await reply.text();
      if (turn !== newest) return;
      tab().replaceChildren(holder.content);
      if (report !== undefined) document.getElementById("sb-quality-report")?.focus();
    } catch {
      if (turn === newest) lost(() => load(report));
    } finally {
      if (turn === newest) tab()?.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "sb-quality-report") load(event.target.value);
  });
  document.addEventListener("sourcebound:tab", (event) => {
    if (event.detail === "quality" && tab()) load(); // each time it is opened: the corpus may have changed
  });
  const seen = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && tab() && !tab().dataset.shown) load();
  });
  const watch = () => {
    const found = tab();
    if (found && !found.dataset.watched) { found.dataset.watched = "yes"; seen.observe(found); }
  };
  new MutationObserver(watch).observe(document.documentElement, { childList: true, subtree: true });
  watch();
})();
