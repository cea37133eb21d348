// Dishes of a meal: taken by the server field by field, chosen from the food table as one types. review.js uses it.
"use strict";

const SEARCH_MS = 120;
const bench = document.querySelector("[data-bench]");
const token = bench.querySelector("[name=csrfmiddlewaretoken]").value;

async function send(url, values) {
  const body = new URLSearchParams({ csrfmiddlewaretoken: token });
  for (const [name, value] of values) body.append(name, value);
  const answer = await fetch(url, { method: "POST", body, headers: { "X-Fragment": "1" } });
  const text = await answer.text();
  if (answer.ok) return text;
  let message = "The platform does not answer. Nothing was changed.";
  try {
    message = JSON.parse(text).detail;
  } catch {
    // not ours
  }
  throw new Error(message);
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
}

// --- Dishes -------------------------------------------------------------------------------------------------------

function complain(meal, words) {
  const place = meal.querySelector("[data-error]");
  place.textContent = words ? `✕ ${words}` : "";
  place.hidden = !words;
}

// What the server says goes in beneath the reviewer's hands: a field with the focus, or typed in, keeps what it has.
function renew(meal, html) {
  const fresh = parsed(html);
  const old = meal.querySelector("[data-dishes]");
  const ids = (section) => [...section.querySelectorAll("[data-item]")].map((form) => form.dataset.item).join();
  complain(meal, "");
  if (ids(fresh) !== ids(old)) {
    old.replaceWith(fresh);
    return;
  }
  old.dataset.complete = fresh.dataset.complete;
  for (const part of ["h2", "[data-holder]"]) old.querySelector(part).replaceWith(fresh.querySelector(part));
  for (const form of old.querySelectorAll("[data-item]")) {
    for (const field of form.querySelectorAll("label input")) {
      const value = fresh.querySelector(`[data-item="${form.dataset.item}"] [name=${field.name}]`).value;
      if (field !== document.activeElement && field.value === field.defaultValue) field.value = value;
      field.defaultValue = value;
    }
  }
}

async function save(form, values) {
  const meal = form.closest("[data-log]");
  for (const field of form.querySelectorAll("label input")) field.defaultValue = field.value;
  try {
    renew(meal, await send(form.getAttribute("action"), values));
    return true;
  } catch (error) {
    complain(meal, error.message);
    return false;
  }
}

function changeOf(field) {
  const form = field.form;
  if (!form.dataset.item || field.value === field.defaultValue) return Promise.resolve(true);
  return save(form, [["item_id", form.dataset.item], [field.name, field.value]]);
}

async function remove(form) {
  const meal = form.closest("[data-log]");
  try {
    renew(meal, await send(form.querySelector("[data-remove]").getAttribute("formaction"), [["item_id", form.dataset.item]]));
  } catch (error) {
    complain(meal, error.message);
  }
}

async function add(form) {
  const meal = form.closest("[data-log]");
  if (await save(form, new FormData(form))) meal.querySelector("[data-add] summary").focus();
}

// --- Search as one types ------------------------------------------------------------------------------------------

let asked = 0;
let typing;

function closeList(field) {
  field.closest("label").parentElement.querySelector("[role=listbox]")?.remove();
  field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-expanded", "false");
}

async function search(field) {
  const turn = ++asked;
  const answer = await fetch(`${bench.dataset.review}foods/?q=${encodeURIComponent(field.value)}`);
  if (!answer.ok || turn !== asked || document.activeElement !== field) return;
  const { foods } = await answer.json();
  closeList(field);
  if (!foods.length) return;
  const list = document.createElement("ul");
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Foods of the table");
  list.id = "wl-foods";
  for (const [number, food] of foods.entries()) {
    const option = document.createElement("li");
    option.setAttribute("role", "option");
    option.id = `wl-food-${number}`;
    option.dataset.food = food.id;
    option.dataset.name = food.name;
    option.textContent = `${food.name} · ${food.kcal === null ? "–" : `${food.kcal} kcal`} in 100 g`;
    option.addEventListener("mousedown", (event) => {
      event.preventDefault();
      choose(field, option);
    });
    list.append(option);
  }
  field.closest("label").after(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "true");
}

function point(field, by) {
  const options = [...document.querySelectorAll("#wl-foods [role=option]")];
  if (!options.length) return;
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const to = options[(at + by + options.length + (at < 0 && by < 0 ? 1 : 0)) % options.length];
  for (const option of options) option.setAttribute("aria-selected", String(option === to));
  field.setAttribute("aria-activedescendant", to.id);
  to.scrollIntoView({ block: "nearest" });
}

function choose(field, option) {
  asked++;
  clearTimeout(typing);
  closeList(field);
  field.value = option.dataset.name;
  if (field.form.dataset.item) {
    field.defaultValue = field.value;
    save(field.form, [["item_id", field.form.dataset.item], ["food_db_id", option.dataset.food]]);
  } else {
    field.form.elements.food_db_id.value = option.dataset.food;
    field.form.elements.quantity_grams.focus();
  }
}
