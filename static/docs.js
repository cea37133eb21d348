// What the documentation can do besides being read: remember the language of samples, copy code, search while somebody
// types. Without it everything else works.
"use strict";

const LANGUAGE = "wearlink-docs-language";

function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // a browser that keeps nothing: the choice holds for this page
  }
}

function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

// Where a sample lacks the language, its own choice stays.
function showLanguage(language) {
  for (const pick of document.querySelectorAll(".docs-pick")) if (pick.value === language) pick.checked = true;
}

function startSamples() {
  showLanguage(remembered(LANGUAGE));
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".docs-pick")) return;
    const before = event.target.getBoundingClientRect().top;
    showLanguage(event.target.value);
    scrollBy(0, event.target.getBoundingClientRect().top - before); // samples above may have grown
    remember(LANGUAGE, event.target.value);
  });
}

function startCopying() {
  for (const block of document.querySelectorAll(".docs-code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "docs-copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${block.dataset.language}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    block.append(button);
  }
}

function startSearch() {
  const field = document.getElementById("docs-q");
  const results = document.getElementById("docs-results");
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea, select");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });
  if (!results) return;
  let waiting = 0;
  let latest = 0;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const mine = ++latest;
      const address = `${field.form.action}?q=${encodeURIComponent(field.value)}`;
      const answer = await fetch(address, { headers: { "X-Requested-With": "docs.js" } });
      const text = await answer.text();
      if (mine !== latest || !answer.ok) return; // an older question answered late
      results.innerHTML = text;
      history.replaceState(null, "", address);
    }, 200);
  });
}

function start() {
  startSamples();
  startCopying();
  startSearch();
  document.querySelector(".docs-nav [aria-current]")?.scrollIntoView({ block: "nearest" });
}

start();
