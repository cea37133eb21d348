// The switch between themes without loading the page again. Without it the form posts, and leads back to the page.
"use strict";

function show(form, wanted) {
  const root = document.documentElement;
  root.classList.remove("light", "dark");
  if (wanted !== "system") root.classList.add(wanted);
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", button.value === wanted);
  document.dispatchEvent(new Event("theme"));
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (!form.matches(".wl-themes") || !submitter) return;
  event.preventDefault();
  show(form, submitter.value);
  const body = new URLSearchParams({ theme: submitter.value });
  await fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true });
});
