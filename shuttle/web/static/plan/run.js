// Follows a plan while it is solved, and asks for the page anew when it has ended. Without this, the link does the same.
const run = document.getElementById("run");
const states = JSON.parse(run.dataset.states);
const format = (digits) => new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: digits });
const write = (id, text) => (document.getElementById(id).textContent = text);
const events = new EventSource(run.dataset.events);
let said = "";

events.addEventListener("progress", (event) => {
  const { status, done, of, seconds, best, gap } = JSON.parse(event.data);
  const step = run.dataset.step.replace("{done}", done).replace("{of}", of);
  const now = states[status] + (of ? `: ${step}` : "");
  if (now !== said) write("phase", (said = now));
  write("state", states[status]);
  if (of) {
    Object.assign(document.getElementById("steps"), { max: of, value: done });
    write("done", `${done} / ${of}`);
  }
  if (seconds != null) write("seconds", format(0).format(seconds));
  if (best != null) write("best", format(1).format(best / 60));
  if (gap != null) write("gap", format(1).format(100 * gap) + "\u00a0%");
});
events.addEventListener("ended", () => {
  events.close();
  location.reload();
});
