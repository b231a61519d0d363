// Clicking a mark shows its answer's evidence and the exact span; a new answer scrolls into view. Nothing is fetched.
"use strict";
(() => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const behavior = () => (calm.matches ? "auto" : "smooth");

  function showEvidence(id) {
    for (const section of document.querySelectorAll(".sb-evidence")) section.hidden = section.id !== id;
  }

  function showCitation(target) {
    const first = document.getElementById(target);
    if (!first) return;
    showEvidence(first.closest(".sb-evidence").id);
    first.closest("details").open = true;
    for (const mark of document.querySelectorAll("mark.sb-now")) mark.classList.remove("sb-now");
    for (const mark of document.querySelectorAll(`mark[data-cite="${target}"]`)) mark.classList.add("sb-now");
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: "center", behavior: behavior() });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#t']");
    const match = link && /^#(t\d+)(-c\d+)?$/.exec(link.getAttribute("href"));
    if (!match) return;
    event.preventDefault();
    if (match[2]) return showCitation(match[1] + match[2]);
    const turn = document.getElementById(match[1]);
    turn?.focus({ preventScroll: true });
    turn?.scrollIntoView({ block: "start", behavior: behavior() });
  });

  let shown = "";
  new MutationObserver(() => {
    const turn = document.querySelector(".sb-turn:last-child");
    const state = turn ? turn.id + Boolean(turn.querySelector(".sb-busy")) : "";
    if (state === shown) return;
    shown = state;
    if (!turn) return;
    turn.scrollIntoView({ block: "start", behavior: behavior() });
    document.getElementById("sb-panel")?.scrollTo(0, 0);
    // A clicked example is gone now: give the keyboard back to the box, unless that would open a touch keyboard.
    if (document.activeElement === document.body && matchMedia("(pointer: fine)").matches) {
      document.querySelector("#sb-box textarea")?.focus({ preventScroll: true });
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
