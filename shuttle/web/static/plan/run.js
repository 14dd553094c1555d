// Follows a plan while it is solved (server-sent events): phase, seconds and results. Without this script the page reloads itself.
const run = document.getElementById("run");
const answer = document.getElementById("answer");
const words = JSON.parse(run.dataset.words);
const whole = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 0 });
const write = (id, text) => {
  const place = document.getElementById(id);
  if (place.textContent !== text) place.textContent = text;
};
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const events = new EventSource(run.dataset.events);
let grown = 0;
let asked = false;
let began = Number(run.dataset.seconds) ? performance.now() - 1000 * Number(run.dataset.seconds) : null;

setInterval(() => {
  if (began !== null) write("seconds", whole.format((performance.now() - began) / 1000));
}, 1000);

// Replaces the result by the current one; opened details stay open and the focus stays.
async function renew() {
  if (asked) return;
  asked = true;
  try {
    const page = await fetch(run.dataset.page, { headers: { accept: "text/html" } });
    if (!page.ok) return;
    const newer = new DOMParser().parseFromString(await page.text(), "text/html").getElementById("answer");
    if (!newer) return;
    const open = [...answer.querySelectorAll("details")].map((each) => each.open);
    const focused = answer.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    answer.replaceChildren(...newer.childNodes);
    answer.querySelectorAll("details").forEach((each, place) => (each.open = open[place] ?? false));
    if (focused) answer.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  } finally {
    asked = false;
  }
}

events.addEventListener("progress", (event) => {
  const { status, phase, day_type, done, of, seconds, grown: now } = JSON.parse(event.data);
  write("state", words.states[status]);
  if (phase) {
    const day = words.days[day_type];
    write("phase", day ? filled(words.phaseOf, { phase: words.phases[phase], day }) : words.phases[phase]);
  } else {
    write("phase", words.states[status]);
  }
  if (of) {
    Object.assign(document.getElementById("steps"), { max: of, value: done });
    write("done", filled(phase === "nearest" ? words.tried : words.settled, { done, of }));
  }
  if (seconds != null && began === null) began = performance.now() - 1000 * seconds;
  if (now && now !== grown) {
    grown = now;
    renew();
  }
});
events.addEventListener("ended", () => {
  events.close();
  location.reload();
});
