// Forms and dialogs of the portal: questions before something is done, the search among events, and a warning before
// changes are lost. Without it a question is asked on the page's next answer; everything else works as it is.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (!opener) return;
  event.preventDefault();
  document.getElementById(opener.dataset.opens).showModal();
});

for (const asked of document.querySelectorAll(".wl-dialog[open]")) {
  asked.close();
  asked.showModal();
}

const search = document.querySelector("[data-picker]");
if (search) {
  const groups = [...document.querySelectorAll(".wl-picker-group")].map((group) => ({ group, wasOpen: group.open }));
  const count = document.getElementById("picker-count");
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().replaceAll("_", " ").split(/\s+/).filter(Boolean);
    let found = 0;
    for (const one of groups) {
      let here = 0;
      for (const item of one.group.querySelectorAll("[data-search]")) {
        const text = item.dataset.search.replaceAll("_", " ");
        item.hidden = !words.every((word) => text.includes(word));
        if (!item.hidden) here += 1;
      }
      one.group.hidden = here === 0;
      one.group.open = words.length ? here > 0 : one.wasOpen;
      found += here;
    }
    count.textContent = words.length ? found === 1 ? "1 event fits" : `${found} events fit` : "";
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

for (const form of document.querySelectorAll("form[data-guards]")) {
  let changed = false;
  form.addEventListener("input", (event) => { changed ||= Boolean(event.target.name); });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

document.getElementById("faults")?.focus();
