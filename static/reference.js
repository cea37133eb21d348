// The reference of the API: a call's page is fetched when it is opened in the list, the list is searched, and calls are
// tried out. Without it every call has a page of its own to read.

const KEPT = "wearlink-authorization"; // in sessionStorage: gone with the tab
const SHOWN = 200_000; // characters of an answer

// --- The list ---------------------------------------------------------------------------------------------------

async function fill(call) {
  if (call.dataset.filled) return;
  call.dataset.filled = "1";
  const body = call.querySelector(".ref-body");
  body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(call.dataset.page, { headers: { "X-Requested-With": "docs.js" } });
    if (!answer.ok) throw new Error(String(answer.status));
    body.innerHTML = await answer.text();
    prepare(body);
  } catch {
    delete call.dataset.filled; // the link to the page stays, and opening again tries again
  }
  body.removeAttribute("aria-busy");
}

function openNamed() {
  const name = decodeURIComponent(location.hash.slice(1)).split("/").pop(); // "#/Users/create_user" as well
  const call = name && document.getElementById(name);
  if (!call?.matches(".ref-call")) return;
  call.open = true;
  call.scrollIntoView();
}

function startList() {
  const field = document.getElementById("ref-q");
  if (!field) return;
  document.getElementById("ref-find").hidden = false;
  document.addEventListener("toggle", (event) => {
    if (event.target.matches(".ref-call") && event.target.open) {
      fill(event.target);
      history.replaceState(null, "", `#${event.target.id}`);
    }
  }, true);
  const count = document.getElementById("ref-count");
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of document.querySelectorAll(".ref-group")) {
      let here = 0;
      for (const call of group.querySelectorAll(".ref-call")) {
        call.hidden = !words.every((word) => call.dataset.find.includes(word));
        if (!call.hidden) here += 1;
      }
      group.hidden = here === 0;
      found += here;
    }
    count.textContent = words.length ? (found === 1 ? "1 call fits" : `${found} calls fit`) : "";
  });
  addEventListener("hashchange", openNamed);
  openNamed();
}

// --- The key ----------------------------------------------------------------------------------------------------

function key() {
  try {
    return sessionStorage.getItem(KEPT) || "";
  } catch {
    return "";
  }
}

function startKey() {
  const form = document.getElementById("ref-key");
  const field = document.getElementById("ref-key-value");
  const forget = document.getElementById("ref-key-forget");
  const state = document.getElementById("ref-key-state");
  const unused = state.textContent;
  const show = () => {
    forget.hidden = !key();
    state.textContent = key() ? `In use for this tab: ${key().slice(0, 6)}… It is sent to nobody but this installation.` : unused;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    sessionStorage.setItem(KEPT, field.value.trim());
    field.value = "";
    show();
  });
  forget.addEventListener("click", () => {
    sessionStorage.removeItem(KEPT);
    show();
    field.focus();
  });
  form.hidden = false;
  show();
}

// Keys have a prefix; everything else is a token of a session or a phone.
function authorization() {
  const value = key();
  if (!value) return {};
  return value.startsWith("sk-") ? { "X-WearLink-API-Key": value } : { Authorization: `Bearer ${value}` };
}

// --- Trying out -------------------------------------------------------------------------------------------------

function request(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = { Accept: "application/json, */*;q=0.5", ...authorization() };
  let body;
  for (const field of form.querySelectorAll("[data-place]")) {
    const { place } = field.dataset;
    if (place === "multipart/form-data") {
      body ??= new FormData();
      if (field.type !== "file") { if (field.value) body.append(field.name, field.value); }
      else if (field.files.length) body.append(field.name, field.files[0]);
    } else if (!field.value) continue;
    else if (place === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (place === "query") query.append(field.name, field.value);
    else if (place === "header") headers[field.name] = field.value;
    else if (place === "file") [body, headers["Content-Type"]] = [field.files[0], "application/octet-stream"];
    else if (place === "body") [body, headers["Content-Type"]] = [field.value, field.dataset.kind];
    else (body ??= new URLSearchParams()).append(field.name, field.value);
  }
  const address = location.origin + path + (query.size ? `?${query}` : "");
  return [address, { method: form.dataset.method, headers, body, credentials: "omit" }];
}

function curl([address, { method, headers, body }]) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = [`curl -X ${method} ${quoted(address)}`];
  for (const [name, value] of Object.entries(headers)) if (name !== "Accept") parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body instanceof FormData) {
    for (const [name, value] of body) parts.push(`-F ${quoted(`${name}=${value.name ? `@${value.name}` : value}`)}`);
  } else if (body instanceof File) parts.push(`--data-binary ${quoted(`@${body.name}`)}`);
  else if (body) parts.push(`-d ${quoted(String(body))}`);
  return parts.join(" \\\n  ");
}

function line(words, className) {
  const element = document.createElement("p");
  element.className = className;
  element.textContent = words;
  return element;
}

async function content(answer) {
  const kind = answer.headers.get("Content-Type") || "";
  if (!/json|text|yaml|xml/.test(kind)) {
    const blob = await answer.blob();
    if (!blob.size) return line("No body.", "wl-note");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = "answer";
    link.textContent = `Save the answer (${kind}, ${blob.size.toLocaleString("en")} bytes)`;
    return link;
  }
  let text = await answer.text();
  try {
    text = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // not JSON: as it came
  }
  const block = document.createElement("pre");
  block.tabIndex = 0;
  block.setAttribute("aria-label", "Answer");
  block.textContent = text.length > SHOWN ? `${text.slice(0, SHOWN)}\n… ${text.length.toLocaleString("en")} characters in all` : text;
  return block;
}

async function send(form) {
  const place = form.querySelector(".ref-answer");
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  place.replaceChildren(line("Sending …", "wl-note"));
  try {
    const began = performance.now();
    const answer = await fetch(...request(form));
    const took = Math.round(performance.now() - began);
    const head = line(`${answer.status} ${answer.statusText} in ${took} ms`, `ref-result${answer.ok ? "" : " ref-result-bad"}`);
    const id = answer.headers.get("X-Request-ID");
    if (id) head.append(` · request ${id}`);
    place.replaceChildren(head, await content(answer));
  } catch {
    place.replaceChildren(line("✕ No answer came. Is the installation reachable?", "ref-result ref-result-bad"));
  }
  button.disabled = false;
}

function prepare(root) {
  for (const form of root.querySelectorAll(".ref-try")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
    const copy = form.querySelector("[data-curl]");
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(curl(request(form)));
      copy.textContent = "Copied";
      setTimeout(() => { copy.textContent = "Copy as curl"; }, 1500);
    });
  }
}

startKey();
startList();
prepare(document);
