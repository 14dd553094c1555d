// Changes of the day: fetched when the page becomes visible, and every minute. Where the day differs from the page, the page is
// reloaded; taps are stored on the phone and stay.
const PAUSE = 60000;
const MARK = '<meta name="shuttle-page" content="driver'; // in our own pages only: a guest network answers with another page
const AT_REST = 10000; // ms without a touch before a reload, since buttons may move

let touched = 0;

async function differs(day) {
  const answer = await fetch(`/api/v1/departures?date=${day.dataset.date}`);
  if (!answer.ok) return false;
  const { date, departures } = await answer.json();
  if (date !== day.dataset.date) return false; // not our server's answer
  const now = departures.map(({ id, status, calls }) => `${id} ${status} ${Date.parse(calls[0].departs_at)}`);
  const shown = [...day.querySelectorAll(".trip")].map(
    ({ dataset }) => `${dataset.departure} ${dataset.status} ${Date.parse(dataset.leaves)}`,
  );
  return now.sort().join() !== shown.sort().join();
}

async function isThere() {
  const answer = await fetch("/driver", { credentials: "same-origin" });
  return answer.ok && (await answer.text()).includes(MARK);
}

async function look() {
  if (document.hidden || !navigator.onLine || performance.now() - touched < AT_REST) return;
  try {
    const days = [...document.querySelectorAll(".day:not([hidden]):not([data-stays])")];
    const different = await Promise.all(days.map(differs));
    // Without a session the cached page would come back and differ again.
    if (different.some(Boolean) && (await isThere())) location.reload();
  } catch {
    // no coverage, or not our server's answer: try again later
  }
}

export function listen() {
  for (const act of ["pointerdown", "keydown"]) addEventListener(act, () => (touched = performance.now()));
  touched = -AT_REST;
  document.addEventListener("visibilitychange", look);
  addEventListener("online", look);
  setInterval(look, PAUSE);
}
