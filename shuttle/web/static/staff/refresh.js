// Reloads the list when the page becomes visible, and every other minute while no form is open; at once where a driver says that something
// has happened, or that it no longer holds.
const PAUSE = 120000;
let since = Date.now();

let isBehind = false;

function refresh() {
  const busy = document.querySelector(".trip[open] .cancel[open]") || document.activeElement?.matches("input, select");
  const waiting = document.getElementById("connection")?.dataset.waiting > 0;
  if (document.hidden || busy || waiting || !navigator.onLine || (!isBehind && Date.now() - since < PAUSE)) return;
  location.replace(location.pathname + location.search.replace(/[?&]done=[^&]*/, ""));
}

for (const act of ["pointerdown", "keydown"]) addEventListener(act, () => (since = Date.now()));
document.addEventListener("visibilitychange", refresh);
setInterval(refresh, 15000);

// What the page shows of a departure, by the server or by a tap; undefined where it shows none of that departure.
function shown(kind, departure) {
  const selector = CSS.escape(departure);
  const trip = document.querySelector(`.trip[data-departure="${selector}"]`);
  const pressed = [...(trip?.querySelectorAll('[data-happened][aria-pressed="true"]') ?? [])].map((each) => each.dataset.happened);
  if (kind === "help") {
    if (!trip && document.querySelector("[data-helps=own]")) return undefined;
    return document.querySelector(`[data-help-of="${selector}"]`) || pressed.includes("needs_help") ? "needs_help" : "";
  }
  if (!trip) return undefined;
  const isDrawn = document.body.classList.contains("ready") && trip.querySelector("[data-happened]");
  return isDrawn ? (pressed.find((each) => each !== "needs_help") ?? "") : (trip.dataset.incident ?? "");
}

document.addEventListener("today", ({ detail }) => {
  if (detail.name !== "incident" && detail.name !== "help") return;
  const { name, departure, kind = "", minutes } = detail;
  const now = shown(name, departure);
  if (now === undefined || now === (minutes ? `${kind}-${minutes}` : kind)) return;
  isBehind = true;
  refresh();
});
