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

// Times in UTC at the press of a button, for who has no mouse to hover with; remembered in this browser.
function showTimes(inUtc) {
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.dataset.here ??= time.textContent;
    time.textContent = inUtc ? `${new Date(time.dateTime).toISOString().slice(0, 16).replace("T", " ")} UTC` : time.dataset.here;
  }
}

function offerUtc(button) {
  const put = (inUtc) => {
    button.setAttribute("aria-pressed", String(inUtc));
    showTimes(inUtc);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const inUtc = button.getAttribute("aria-pressed") !== "true";
    localStorage.setItem("wl-utc", inUtc ? "1" : "");
    put(inUtc);
  });
  if (localStorage.getItem("wl-utc")) put(true);
}

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-utc]")) offerUtc(button);
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
