// Keeps an open page up to date: on an event of today that the page does not show yet, its main part is fetched again and replaced.
// Without events (a proxy holds them back, too many pages) the page is fetched every half minute.
const SPREAD = 2500; // ms over which pages fetch after one event, so that they do not come all at once
const POLL = 30000;
let timer = 0;

// A row shows that the bus has left, and nothing more when it has arrived.
const STATES = { late: (event) => `late-${event.late_minutes}`, changed: (event) => event.status, arrived: () => "left" };
const stateOf = (kind, event) => STATES[kind]?.(event) ?? kind;

function isShown(row, kind, event) {
  if (kind === "incident") return row.dataset.incident === (event.kind ?? "");
  return row.dataset.state === stateOf(kind, event);
}

function shows(kind, event) {
  const rows = [...document.querySelectorAll(`[data-departure="${CSS.escape(event.departure)}"]`)];
  return rows.length > 0 && rows.every((row) => isShown(row, kind, event));
}

async function refresh() {
  timer = 0;
  const main = document.getElementById("main");
  if (main.querySelector("input:focus, select:focus, textarea:focus, details[open] form")) return plan(5000);
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    main.replaceChildren(...page.getElementById("main").childNodes);
    document.dispatchEvent(new Event("refreshed"));
  } catch {
    // no coverage: the next event or the next poll tries again
  }
}

function plan(delay) {
  timer ||= setTimeout(refresh, delay);
}

function poll() {
  if (!document.hidden) plan(0);
}

let polling = setInterval(poll, POLL);
if ("EventSource" in window) {
  const source = new EventSource("/api/v1/today/events");
  source.addEventListener("open", () => {
    clearInterval(polling);
    polling = 0;
  });
  source.addEventListener("error", () => (polling ||= setInterval(poll, POLL)));
  for (const kind of ["cancelled", "changed", "left", "arrived", "late", "incident"]) {
    source.addEventListener(kind, (message) => {
      if (!shows(kind, JSON.parse(message.data))) plan(Math.random() * SPREAD);
    });
  }
}
