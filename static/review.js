// Keys of the review: letters act only while no field has the focus and no modifier is held.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.activeElement;
  if (field && field.matches("input, select, textarea")) {
    if (event.key === "Escape") field.blur();
    return;
  }
  if (event.key === "e") {
    event.preventDefault();
    document.querySelector(".wl-dish input[name=dish_name]")?.focus();
  } else if (event.key === "n") {
    event.preventDefault();
    const details = document.querySelector(".wl-panel details");
    if (details) {
      details.open = true;
      details.querySelector("input[name=dish_name]").focus();
    }
  } else if (event.key === "f") {
    document.querySelector(".wl-photo")?.closest("a").click();
  } else {
    document.querySelector(`form[data-key="${CSS.escape(event.key)}"]`)?.requestSubmit();
  }
});
