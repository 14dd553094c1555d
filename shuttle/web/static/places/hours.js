// Opening hours: a bar's edges can be dragged, and what the hours do is shown while they are typed. Without this script the
// times are typed, and the button "show" does the rest.
const DAY = 1440;
const STEP = 15;
const NEAR = 40; // pixels from an edge
const WAIT = 400; // ms after the last key

const form = document.querySelector(".hours-form");

const minutes = (text) => {
  const parts = /^\s*(\d{1,2})[:.]?(\d{2})\s*$/.exec(text);
  return parts ? Number(parts[1]) * 60 + Number(parts[2]) : NaN;
};

const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

const inputsOf = (day) => [...day.querySelectorAll(".window input")];

const draw = (day) => {
  const svg = day.querySelector("svg");
  svg.querySelectorAll("rect").forEach((each) => each.remove());
  const edges = inputsOf(day).map((input) => minutes(input.value));
  for (let n = 0; n + 1 < edges.length; n += 2) {
    const [opens, closes] = [edges[n], Math.min(edges[n + 1] || (edges[n + 1] === 0 ? DAY : NaN), DAY)];
    if (!(opens < closes)) continue;
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x: opens, y: 0, width: closes - opens, height: 24 })) rect.setAttribute(name, value);
    svg.prepend(rect);
  }
};

let asked = 0;
let waiting;
const show = async () => {
  const mine = ++asked;
  const body = new FormData(form);
  body.set("act", "show");
  const answer = await fetch(form.action, { method: "POST", body });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = (from) => [...from.querySelectorAll("#reached, .hours-day svg")];
  if (mine !== asked || !answer.ok || page.querySelector("#errors")) return;
  parts(document).forEach((part, n) => part.replaceChildren(...(parts(page)[n]?.childNodes ?? [])));
};
const showSoon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => show().catch(() => {}), WAIT);
};

form.addEventListener("input", ({ target }) => {
  const day = target.closest(".hours-day");
  if (day) draw(day);
  if (day || target.name === "from") showSoon();
});

form.classList.add("drags");
for (const day of form.querySelectorAll(".hours-day")) {
  const svg = day.querySelector("svg");
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    const minute = ((event.clientX - box.left) / box.width) * DAY;
    return Math.max(0, Math.min(DAY, Math.round(minute / STEP) * STEP));
  };
  let moved = null;
  svg.addEventListener("pointerdown", (event) => {
    const near = (NEAR / svg.getBoundingClientRect().width) * DAY;
    const where = at(event);
    const distance = (input) => Math.abs(minutes(input.value) - where);
    moved = inputsOf(day)
      .filter((input) => distance(input) <= near)
      .sort((one, other) => distance(one) - distance(other))[0];
    if (!moved) return;
    svg.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => {
    if (!moved) return;
    moved.value = clock(at(event));
    draw(day);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    svg.addEventListener(end, () => {
      if (moved) moved.dispatchEvent(new Event("input", { bubbles: true }));
      moved = null;
    });
  }
}
