// Draft of a timetable: figures follow a time while it is typed, and a departure can be dragged along the string-line diagram, or moved
// there with the arrow keys. Nothing is stored until "move" is pressed. Without this script figures follow each move.
const PAUSE = 150;
const STEP = 5;
const latest = new Map();
const timers = new Map();

const minutes = (text) => {
  const parts = /^\s*(\d{1,2})[:.]?(\d{2})\s*$/.exec(text);
  return parts ? Number(parts[1]) * 60 + Number(parts[2]) : NaN;
};
const clock = (total, like) => {
  const sign = like.includes(":") ? ":" : ".";
  return `${String(Math.floor(total / 60)).padStart(2, "0")}${sign}${String(total % 60).padStart(2, "0")}`;
};

async function ask(form) {
  const place = document.getElementById(`figures-${form.dataset.day ?? form.elements.day_type.value}`);
  if (!place) return;
  const number = (latest.get(place) ?? 0) + 1;
  latest.set(place, number);
  const answer = await fetch(form.dataset.tried, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
  if (!answer?.ok || latest.get(place) !== number) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  place.replaceChildren(...parsed.body.childNodes);
}

function changed(form) {
  const input = form.querySelector('input[name="departs"]');
  const line = form.querySelector('input[name="trip"]')?.value;
  if (line) draw(line, minutes(input.value) - minutes(input.defaultValue));
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => ask(form), PAUSE));
}

const lineOf = (trip) => document.querySelector(`.trip[data-trip="${CSS.escape(trip)}"]`);
const inputOf = (line) => document.getElementById(line.dataset.trip);
const perMinute = (line) => Number(line.ownerSVGElement.dataset.perMinute);

function draw(trip, by) {
  const line = lineOf(trip);
  if (line && Number.isFinite(by)) line.setAttribute("transform", `translate(${by * perMinute(line)} 0)`);
}

function moveBy(line, by) {
  const input = inputOf(line);
  const total = Math.min(Math.max(minutes(input.defaultValue) + by, 0), 24 * 60 - STEP);
  input.value = clock(total, input.defaultValue);
  line.setAttribute("aria-valuenow", total);
  line.setAttribute("aria-valuetext", input.value);
  changed(input.form);
}

document.addEventListener("input", ({ target }) => {
  if (target.form?.dataset.tried && target.form.elements.departs.value) changed(target.form);
});

for (const line of document.querySelectorAll(".trip[data-trip]")) {
  const input = inputOf(line);
  if (!input) continue;
  line.setAttribute("tabindex", "0");
  line.setAttribute("role", "slider");
  line.setAttribute("aria-label", line.querySelector("title").textContent);
  line.setAttribute("aria-valuemin", 0);
  line.setAttribute("aria-valuemax", 24 * 60 - STEP);
  line.setAttribute("aria-valuenow", minutes(input.value));
  line.setAttribute("aria-valuetext", input.value);
  line.classList.add("movable");
  line.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP }[event.key];
    if (step) {
      event.preventDefault();
      moveBy(line, minutes(input.value) - minutes(input.defaultValue) + step);
    } else if (event.key === "Enter") {
      input.form.requestSubmit();
    } else if (event.key === "Escape") {
      moveBy(line, 0);
    }
  });
  line.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    line.setPointerCapture(event.pointerId);
    line.focus();
    const from = event.clientX;
    const before = minutes(input.value) - minutes(input.defaultValue);
    const drag = (moved) => {
      const scale = line.ownerSVGElement.getBoundingClientRect().width / line.ownerSVGElement.viewBox.baseVal.width;
      const by = before + (moved.clientX - from) / scale / perMinute(line);
      moveBy(line, Math.round(by / STEP) * STEP);
    };
    const end = () => {
      line.removeEventListener("pointermove", drag);
      input.focus();
    };
    line.addEventListener("pointermove", drag);
    line.addEventListener("pointerup", end, { once: true });
    line.addEventListener("pointercancel", end, { once: true });
  });
}
