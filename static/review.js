// The review by keyboard: the next meal is loaded ahead, and a decision waits ten seconds before it is sent.
// Without this script every button is a plain form and every meal a page of its own.
"use strict";

const UNDO_MS = 10000;
const meals = bench.querySelector("[data-meals]");
const pending = []; // decisions not sent yet, the last one last

const entries = () => [...bench.querySelectorAll(".wl-queue li")];
const waiting = () => entries().filter((entry) => !entry.hidden && !entry.hasAttribute("data-decided"));
const current = () => bench.querySelector(".wl-queue a[aria-current]")?.closest("li");
const mealOf = (entry) => meals.querySelector(`[data-log="${entry.dataset.log}"]`);
const marked = () => waiting().filter((entry) => entry.querySelector("input").checked);

// --- Meals: load ahead, show, claim -------------------------------------------------------------------------------

const loading = new Map();

function load(entry) {
  const found = mealOf(entry);
  if (found) return Promise.resolve(found);
  if (!loading.has(entry.dataset.log)) {
    const promise = fetch(entry.dataset.url, { headers: { "X-Fragment": "1" } })
      .then((answer) => answer.text())
      .then((html) => {
        const meal = parsed(html);
        meal.hidden = true;
        meals.append(meal);
        return meal;
      })
      .finally(() => loading.delete(entry.dataset.log));
    loading.set(entry.dataset.log, promise);
  }
  return loading.get(entry.dataset.log);
}

async function show(entry) {
  for (const link of bench.querySelectorAll(".wl-queue a[aria-current]")) link.removeAttribute("aria-current");
  entry.querySelector("a").setAttribute("aria-current", "true");
  entry.scrollIntoView({ block: "nearest" });
  for (const other of meals.children) other.hidden = true;
  const ready = mealOf(entry);
  if (ready) ready.hidden = false;
  const meal = ready || (await load(entry));
  if (current() !== entry) return;
  meal.hidden = false;
  claim(entry, meal);
  const ahead = waiting()[waiting().indexOf(entry) + 1];
  if (ahead) load(ahead);
}

async function claim(entry, meal) {
  try {
    renew(meal, await send(`${entry.dataset.url}claim/`, []));
    entry.querySelector("[data-state]").textContent = "◆ yours";
  } catch (error) {
    complain(meal, error.message);
    entry.querySelector("[data-state]").textContent = "held by another";
    for (const button of meal.querySelectorAll("[data-decide] button")) button.disabled = true;
  }
}

function finish() {
  for (const other of meals.children) other.hidden = true;
  bench.querySelector("[data-end]").hidden = false;
}

function step(by) {
  const left = waiting();
  const to = left[left.indexOf(current()) + by];
  if (to) show(to);
}

// --- Decisions, and ten seconds to take one back ------------------------------------------------------------------

const WORDS = { approve: "Approved", reject: "Rejected" };

function isComplete(entry) {
  const dishes = mealOf(entry)?.querySelector("[data-dishes]");
  return !dishes || dishes.dataset.complete === "1" || dishes.contains(document.activeElement);
}

function decide(action, chosen, reason = "") {
  const able = chosen.filter((entry) => !mealOf(entry)?.querySelector("[data-decide] button[disabled]"));
  const whole = action === "approve" && able.length === 1 ? able.filter(isComplete) : able;
  if (able.length && !whole.length) {
    complain(mealOf(able[0]), "Every meal needs a dish, and every dish its kcal, before it can be approved.");
    return null;
  }
  if (!whole.length) return null;
  const from = entries().indexOf(whole[0]);
  for (const entry of whole) {
    entry.setAttribute("data-decided", action);
    entry.querySelector("input").checked = false;
    entry.querySelector("[data-state]").textContent = WORDS[action].toLowerCase();
  }
  const one = { action, reason, entries: whole, until: Date.now() + UNDO_MS };
  one.timer = setTimeout(() => settle(one), UNDO_MS);
  pending.push(one);
  tell();
  const next = entries().slice(from).find((entry) => waiting().includes(entry)) || waiting()[0];
  if (next) show(next);
  else finish();
  return one;
}

function bodyOf(one) {
  return [["action", one.action], ["reason", one.reason], ...one.entries.map((entry) => ["log_id", entry.dataset.log])];
}

async function settle(one) {
  clearTimeout(one.timer);
  if (!pending.includes(one)) return;
  pending.splice(pending.indexOf(one), 1);
  tell();
  try {
    const { results } = JSON.parse(await send(`${bench.dataset.review}bulk/`, bodyOf(one)));
    for (const [number, result] of results.entries()) result.ok ? drop(one.entries[number]) : restore(one.entries[number], result.detail);
  } catch (error) {
    for (const entry of one.entries) restore(entry, error.message);
  }
}

function drop(entry) {
  mealOf(entry)?.remove();
  entry.remove();
  for (const [name, by] of [["[data-waiting]", -1], ["[data-done]", 1]]) {
    const place = bench.querySelector(name);
    place.textContent = String(Number(place.textContent.replaceAll(",", "")) + by);
  }
}

function restore(entry, words) {
  entry.removeAttribute("data-decided");
  entry.querySelector("[data-state]").textContent = words ? `✕ ${words}` : "◆ yours";
  bench.querySelector("[data-end]").hidden = true;
  if (words && mealOf(entry)) complain(mealOf(entry), words);
}

// --- Why a meal is rejected: 1 to 5 -------------------------------------------------------------------------------

const reasons = document.getElementById("review-reasons");
const because = [...reasons.querySelectorAll("[data-because]")];
let rejecting = [];

function askWhy(chosen) {
  rejecting = chosen.filter(Boolean);
  if (!rejecting.length) return;
  reasons.showPopover();
  because[0].focus();
}

function rejectFor(button) {
  reasons.hidePopover();
  decide("reject", rejecting, button.dataset.because);
  tellMarks();
}

function pressWhy(event) {
  const at = because.indexOf(document.activeElement);
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (because[event.key - 1]) rejectFor(because[event.key - 1]);
  else if (by) because[(at + by + because.length) % because.length].focus();
  else return;
  event.preventDefault();
}

function undo() {
  const one = pending.pop();
  if (!one) return;
  clearTimeout(one.timer);
  for (const entry of one.entries) restore(entry, "");
  tell();
  show(one.entries[0]);
}

function tell() {
  const one = pending.at(-1);
  const bar = bench.querySelector("[data-undo]");
  bar.hidden = !one;
  if (!one) return;
  const what = one.entries.length === 1 ? one.entries[0].querySelector("a span").textContent : `${one.entries.length} meals`;
  bench.querySelector("[data-undo-words]").textContent = `${WORDS[one.action]}: ${what}`;
  count();
}

function count() {
  const one = pending.at(-1);
  if (one) bench.querySelector("[data-undo-left]").textContent = `(${Math.max(Math.ceil((one.until - Date.now()) / 1000), 0)} s)`;
}

function tellMarks() {
  const number = marked().length;
  bench.querySelector("[data-bulk]").hidden = !number;
  bench.querySelector("[data-bulk-words]").textContent = `${number} selected`;
}

function mark(chosen, checked) {
  for (const entry of chosen) entry.querySelector("input").checked = checked;
  tellMarks();
}

async function decideFrom(field) {
  const entry = current();
  const saved = changeOf(field);
  field.blur();
  const one = decide("approve", [entry]);
  if (!(await saved) && one && pending.includes(one)) {
    pending.splice(pending.indexOf(one), 1, one);
    undo();
  }
}

async function release() {
  const entry = current();
  await send(`${entry.dataset.url}release/`, []).catch(() => null);
  entry.querySelector("[data-state]").textContent = "nobody";
  step(1);
}

// --- Keys ---------------------------------------------------------------------------------------------------------

function focused(meal) {
  const id = meal.dataset.focused;
  return meal.querySelector(`[data-item="${id}"]`) || meal.querySelector("[data-item]");
}

function heavier(by) {
  const form = focused(mealOf(current()));
  if (!form) return;
  const field = form.elements.quantity_grams;
  field.value = String(Math.min(Math.max((Number(field.value) || 0) + by, 1), 5000));
  changeOf(field);
}

function enterField(selector, openFirst) {
  const meal = mealOf(current());
  const details = meal.querySelector("[data-add]");
  if (openFirst) details.open = true;
  const place = openFirst ? details : focused(meal);
  const field = place?.querySelector(selector);
  if (!field) return;
  field.focus();
  field.select();
}

function large() {
  mealOf(current()).classList.toggle("is-large");
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  a: () => decide("approve", [current()]),
  r: () => askWhy([current()]),
  z: undo,
  u: release,
  e: () => enterField("[name=dish_name]", false),
  "/": () => enterField("[name=dish_name]", !focused(mealOf(current()))),
  n: () => enterField("[name=dish_name]", true),
  Delete: () => focused(mealOf(current())) && remove(focused(mealOf(current()))),
  "+": () => heavier(10),
  "=": () => heavier(10),
  "*": () => heavier(50),
  "-": () => heavier(-10),
  _: () => heavier(-50),
  x: () => mark([current()], !current().querySelector("input").checked),
  X: () => mark(waiting(), marked().length < waiting().length),
  A: () => decide("approve", marked()) && tellMarks(),
  R: () => askWhy(marked()),
  f: large,
  0: () => mealOf(current()).classList.remove("is-large"),
  "?": () => document.getElementById("review-keys").togglePopover(),
};

function inField(event, field) {
  const hasList = document.getElementById("wl-foods") && field.name === "dish_name";
  if (event.key === "Escape") {
    closeList(field);
    field.value = field.defaultValue;
    field.blur();
  } else if (hasList && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    point(field, event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    decideFrom(field);
  } else if (event.key === "Enter") {
    const option = hasList && document.querySelector("#wl-foods [aria-selected=true]");
    if (option) {
      event.preventDefault();
      choose(field, option);
    } else if (field.form.dataset.item) {
      event.preventDefault();
      closeList(field);
      changeOf(field);
    }
  }
}

function press(event) {
  const field = document.activeElement;
  if (field?.matches(".wl-dish input")) return inField(event, field);
  if (reasons.matches(":popover-open")) return pressWhy(event);
  if (event.ctrlKey || event.metaKey || event.altKey || field?.matches("input:not([type=checkbox]), select, textarea")) return;
  if (!bench.querySelector("[data-keys]").checked || !(event.key in KEYS)) return;
  if (event.key === "z" || current()) {
    event.preventDefault();
    KEYS[event.key]();
  }
}

// --- Beginning ----------------------------------------------------------------------------------------------------

function start() {
  bench.classList.add("has-script");
  document.addEventListener("keydown", press);
  setInterval(count, 1000);
  addEventListener("pagehide", () => {
    for (const one of pending.splice(0)) {
      const body = new URLSearchParams({ csrfmiddlewaretoken: token });
      for (const [name, value] of bodyOf(one)) body.append(name, value);
      navigator.sendBeacon(`${bench.dataset.review}bulk/`, body);
    }
  });
  if (!meals) return;
  for (const button of because) button.addEventListener("click", () => rejectFor(button));
  bench.querySelector("[data-undo-button]").addEventListener("click", undo);
  for (const button of bench.querySelectorAll("[data-bulk-act]")) button.addEventListener("click", () => KEYS[button.dataset.bulkAct === "approve" ? "A" : "R"]());
  bench.querySelector(".wl-queue").addEventListener("change", tellMarks);
  bench.querySelector(".wl-queue").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(link.closest("li"));
  });
  meals.addEventListener("submit", (event) => {
    const form = event.target;
    event.preventDefault();
    const decision = form.dataset.decide;
    if (decision === "release") release();
    else if (decision === "reject") askWhy([current()]);
    else if (decision) decide(decision, [current()]);
    else if (event.submitter?.hasAttribute("data-remove")) remove(form);
    else if (!form.dataset.item) add(form);
  });
  meals.addEventListener("click", (event) => {
    if (!event.target.closest("[data-photo]")) return;
    event.preventDefault();
    large();
  });
  meals.addEventListener("focusin", (event) => {
    const form = event.target.closest("[data-item]");
    if (form) form.closest("[data-log]").dataset.focused = form.dataset.item;
  });
  meals.addEventListener("focusout", (event) => {
    if (event.target.name === "dish_name") closeList(event.target);
  });
  meals.addEventListener("change", (event) => event.target.matches(".wl-dish label input") && changeOf(event.target));
  meals.addEventListener("input", (event) => {
    if (event.target.name !== "dish_name") return;
    clearTimeout(typing);
    typing = setTimeout(search, SEARCH_MS, event.target);
  });
  const first = current() || waiting()[0];
  if (first) show(first);
}

start();
