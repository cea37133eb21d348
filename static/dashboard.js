// What the portal's pages do beyond links and forms. Everything works without it.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  const words = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = words; }, 1500);
});

// On a phone the tabs scroll sideways: the page's own is brought into sight.
for (const current of document.querySelectorAll(".dash-tabs [aria-current], .dash-nav [aria-current]")) {
  const strip = current.closest(".dash-tabs, .dash-nav");
  strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
}

// Charts: a pointer or the arrow keys read out the nearest value. The drawing is the server's.
function readable(figure) {
  const svg = figure.querySelector(".wl-pointed");
  const cross = figure.querySelector(".wl-cross");
  const inner = cross.parentElement;
  const output = figure.querySelector("output");
  const readings = JSON.parse(document.getElementById(figure.dataset.plot).textContent);
  let at = -1;
  const show = (place) => {
    at = Math.max(0, Math.min(readings.length - 1, place));
    const [x, words] = readings[at];
    cross.setAttribute("x1", x);
    cross.setAttribute("x2", x);
    cross.style.visibility = "visible";
    output.textContent = words;
  };
  const nearest = (x) => {
    let low = 0, high = readings.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (readings[middle][0] < x) low = middle + 1; else high = middle;
    }
    return low > 0 && x - readings[low - 1][0] < readings[low][0] - x ? low - 1 : low;
  };
  svg.addEventListener("pointermove", (event) => {
    const box = inner.getBoundingClientRect();
    show(nearest((event.clientX - box.left) / box.width * 1000));
  });
  svg.addEventListener("pointerleave", () => { cross.style.visibility = "hidden"; output.textContent = ""; });
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: readings.length - 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    show(step);
    output.setAttribute("aria-live", "polite");
  });
}

function prepare(root) {
  root.querySelectorAll("figure[data-plot]:not([data-ready])").forEach((figure) => {
    figure.dataset.ready = "";
    readable(figure);
  });
}

prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.target.parentElement ?? document));

// An order is dragged by the pointer as it is moved by its arrows; the server draws the list and what it would change.
let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".dash-order li") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  dragged.classList.add("dash-dragged");
});
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.(".dash-order li");
  if (!dragged || !over) return;
  event.preventDefault();
  if (over === dragged || over.parentElement !== dragged.parentElement) return;
  const box = over.getBoundingClientRect();
  over[event.clientY > box.top + box.height / 2 ? "after" : "before"](dragged);
});
document.addEventListener("drop", (event) => { if (dragged) event.preventDefault(); });
document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("dash-dragged");
  dragged = null;
  document.getElementById("try-order").click();
});
