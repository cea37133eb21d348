// Starts Swagger UI on /docs/api and mends what it does badly: the theme, where the key is kept, errors that repeat
// themselves at every operation, controls without a name, and search.
"use strict";

const KEPT = "wearlink-authorization"; // in sessionStorage: gone with the tab, unlike Swagger UI's own localStorage

const FIRST = "Users"; // the group that is open to begin with

function followTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = document.documentElement.classList;
  const show = () => chosen.toggle("dark-mode", chosen.contains("dark") || (dark.matches && !chosen.contains("light")));
  dark.addEventListener("change", show);
  document.addEventListener("theme", show);
  show();
}

function keptAuthorization() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) || {};
  } catch {
    return {};
  }
}

// Every operation may answer the same errors. Their shape is explained once; each operation only names its own.
function quietErrors(system) {
  const h = system.React.createElement;
  return {
    wrapComponents: {
      responses: (Original) => (props) => {
        const all = props.responses;
        const good = all.filter((_, status) => !/^[45]/.test(status));
        const bad = all.filter((_, status) => /^[45]/.test(status));
        const items = bad
          .map((response, status) => h("li", { key: status }, h("code", null, status), " ", response.get("description")))
          .toArray();
        const errors = bad.size
          ? h("div", { className: "reference-errors" }, h("h4", null, "Errors"), h("ul", null, items.map((one) => one[1] || one)))
          : null;
        return h("div", null, h(Original, { ...props, responses: good }), errors);
      },
    },
  };
}

function keepAuthorization() {
  return {
    statePlugins: {
      auth: {
        wrapActions: {
          authorize: (original) => (payload) => {
            const kept = keptAuthorization();
            for (const [name, { value }] of Object.entries(payload)) kept[name] = value;
            sessionStorage.setItem(KEPT, JSON.stringify(kept));
            return original(payload);
          },
          logout: (original) => (names) => {
            const kept = keptAuthorization();
            for (const name of names) delete kept[name];
            sessionStorage.setItem(KEPT, JSON.stringify(kept));
            return original(names);
          },
        },
      },
    },
  };
}

// Selects and text fields of Swagger UI carry no label of their own.
function nameControls(root) {
  for (const control of root.querySelectorAll("select:not([aria-label]), textarea:not([aria-label])")) {
    const row = control.closest("tr[data-param-name]");
    const name = row ? row.dataset.paramName : control.closest(".content-type-wrapper") ? "Content type" : "Value";
    control.setAttribute("aria-label", name);
  }
  for (const block of root.querySelectorAll("pre:not([tabindex])")) block.tabIndex = 0; // scrolls by keyboard, too
  const filter = root.querySelector(".operation-filter-input");
  if (filter) filter.setAttribute("aria-label", "Show only groups whose name contains");
}

function start() {
  const root = document.getElementById("reference");
  followTheme();
  const ui = SwaggerUIBundle({
    url: root.dataset.schema,
    dom_id: "#reference",
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [quietErrors, keepAuthorization],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: "none", // drawing all calls at once takes seconds
    defaultModelsExpandDepth: -1,
    filter: true,
    tryItOutEnabled: false,
    displayRequestDuration: true,
    syntaxHighlight: { activated: false }, // its colours fall below the contrast that text needs
    onComplete: () => {
      ui.getSystem().layoutActions.show(["operations-tag", FIRST], true);
      for (const [name, value] of Object.entries(keptAuthorization())) ui.preauthorizeApiKey(name, value);
    },
  });
  let waiting = 0;
  const nameSoon = () => (waiting ||= requestAnimationFrame(() => ((waiting = 0), nameControls(root))));
  new MutationObserver(nameSoon).observe(root, { childList: true, subtree: true });
}

document.addEventListener("DOMContentLoaded", start);
