// Reloads the list when the page becomes visible, and every other minute while no form is open.
const PAUSE = 120000;
let since = Date.now();

function refresh() {
  const busy = document.querySelector(".trip[open] .cancel[open]") || document.activeElement?.matches("input, select");
  const waiting = document.getElementById("connection")?.dataset.waiting > 0;
  if (document.hidden || busy || waiting || !navigator.onLine || Date.now() - since < PAUSE) return;
  location.replace(location.pathname + location.search.replace(/[?&]done=[^&]*/, ""));
}

for (const act of ["pointerdown", "keydown"]) addEventListener(act, () => (since = Date.now()));
document.addEventListener("visibilitychange", refresh);
setInterval(refresh, 15000);
