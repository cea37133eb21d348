// What Unfold's shell lacks for the keyboard and for screen readers: mended on every page, and again after a swap.
"use strict";

const CONTROLS = "[x-on\\:click], [\\@click], a:not([href])";

function activate(event) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    event.currentTarget.click();
  }
}

function mend(root) {
  for (const icon of root.querySelectorAll(".material-symbols-outlined")) {
    if (icon.matches(CONTROLS)) icon.setAttribute("aria-label", "Show or hide the sections");
    else icon.setAttribute("aria-hidden", "true");
  }
  for (const home of root.querySelectorAll("a[href='/admin/']:not([aria-label])")) {
    if (!home.innerText.replace("ecg_heart", "").trim()) home.setAttribute("aria-label", "WearLink, overview");
  }
  for (const control of root.querySelectorAll(CONTROLS)) {
    if (control.matches("button, a[href], input, select, textarea, body, html") || control.closest("[role=dialog]")) continue;
    if (control.hasAttribute("tabindex")) continue;
    control.setAttribute("tabindex", "0");
    control.setAttribute("role", "button");
    if (!control.textContent.trim() && !control.hasAttribute("aria-label")) control.setAttribute("aria-label", control.title || "Open");
    control.addEventListener("keydown", activate);
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const main = document.getElementById("content");
  if (main) {
    main.setAttribute("role", "main");
    main.setAttribute("tabindex", "-1");
    const skip = document.createElement("a");
    skip.href = "#content";
    skip.className = "wl-skiplink";
    skip.textContent = "Skip to the content";
    document.body.prepend(skip);
  }
  for (const nav of document.querySelectorAll("nav:not([aria-label])")) nav.setAttribute("aria-label", "Sections");
  mend(document);
  document.body.addEventListener("htmx:afterSwap", (event) => mend(event.target));
});
