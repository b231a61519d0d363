// Clicking a mark shows its answer's evidence and the exact span; a new answer scrolls into view. Nothing is fetched.
"use strict";
(() => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const behavior = () => (calm.matches ? "auto" : "smooth");

  // What the reader chose to see; a growing answer renders anew, and must not undo it.
  let evidence = "", cited = "";
  const shut = new Set();

  function set(element, name, wanted) {
    if (element[name] !== wanted) element[name] = wanted;
  }

  function keepChoice() {
    if (evidence) for (const section of document.querySelectorAll(".sb-evidence")) set(section, "hidden", section.id !== evidence);
    for (const mark of document.querySelectorAll("mark[data-cite]")) {
      if (mark.classList.contains("sb-now") !== (mark.dataset.cite === cited)) mark.classList.toggle("sb-now");
    }
    // Elements are used again for other marks as these come in between: the focus goes with the mark.
    if (document.activeElement?.matches("mark") && document.activeElement.id !== cited) {
      document.getElementById(cited)?.focus({ preventScroll: true });
    }
    for (const article of shut) set(article, "open", false);
  }

  function showCitation(target) {
    const first = document.getElementById(target);
    if (!first) return;
    evidence = first.closest(".sb-evidence").id;
    cited = target;
    shut.delete(first.closest("details"));
    first.closest("details").open = true;
    keepChoice();
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: "center", behavior: behavior() });
  }

  document.addEventListener("click", (event) => {
    const article = event.target.closest?.(".sb-article summary")?.parentElement;
    if (article) article.open ? shut.add(article) : shut.delete(article); // it is toggled after this
  });

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.("button[data-press]");
    if (pressed) return document.getElementById(pressed.dataset.press)?.click();
    const link = event.target.closest?.("a[href^='#t']");
    const match = link && /^#(t\d+)(-c\d+)?$/.exec(link.getAttribute("href"));
    if (!match) return;
    event.preventDefault();
    if (match[2]) return showCitation(match[1] + match[2]);
    const turn = document.getElementById(match[1]);
    turn?.focus({ preventScroll: true });
    turn?.scrollIntoView({ block: "start", behavior: behavior() });
  });

  function say(words) {
    const status = document.getElementById("sb-status");
    if (status) set(status, "textContent", words);
  }

  let shown = "";
  new MutationObserver(() => {
    const turn = document.querySelector(".sb-turn:last-child");
    say(turn?.dataset.spoken ?? "");
    // To the newest turn once when it is asked and once when there is something to read; never while that grows.
    const begun = Boolean(turn) && !turn.querySelector(".sb-reply > .sb-busy:only-child");
    const state = turn ? turn.id + begun : "";
    if (state !== shown) {
      shown = state;
      if (!begun) {
        evidence = cited = "";
        shut.clear();
      }
      if (turn) {
        turn.scrollIntoView({ block: "start", behavior: behavior() });
        document.getElementById("sb-panel")?.scrollTo(0, 0);
      }
    }
    keepChoice();
    // What was clicked may be gone now: give the keyboard back to the box, unless that would open a touch keyboard.
    if (turn && document.activeElement === document.body && matchMedia("(pointer: fine)").matches) {
      document.querySelector("#sb-box textarea")?.focus({ preventScroll: true });
    }
  }).observe(document.documentElement, {
    childList: true, subtree: true, characterData: true, attributeFilter: ["data-spoken", "hidden", "open", "class"],
  });
})();
