// Events of today for the driver's page and the centre's: each becomes an event "today" of the document. Where the stream is missing (a proxy
// holds it back, no coverage), the same is fetched as one document each half minute.
const POLL = 30000;
const AGAIN = 10000; // ms until a stream that the server refused is tried again; spread by as much

let source = null;
let isOpen = false;

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent("today", { detail: { name, ...detail } }));
}

function open() {
  if (!("EventSource" in window) || (source && source.readyState !== EventSource.CLOSED)) return;
  source = new EventSource("/api/v1/today/events");
  source.addEventListener("open", () => (isOpen = true));
  source.addEventListener("error", () => {
    isOpen = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(open, AGAIN * (1 + Math.random()));
  });
  for (const name of ["now", "changed", "late", "cancelled", "left", "arrived", "incident", "counted", "help"]) {
    source.addEventListener(name, (message) => tell(name, JSON.parse(message.data)));
  }
}

async function poll() {
  if (isOpen || document.hidden || !navigator.onLine) return;
  try {
    const answer = await fetch("/api/v1/today");
    if (!answer.ok) return;
    const { now, events } = await answer.json();
    if (!now) return; // not our server's answer
    tell("now", { at: now });
    for (const { event, ...detail } of events) tell(event, detail);
  } catch {
    // no coverage: the next poll tries again
  }
}

export function follow() {
  open();
  addEventListener("online", open);
  setInterval(poll, POLL);
}
