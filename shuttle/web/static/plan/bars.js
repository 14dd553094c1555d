// Scenario form: bars follow the inputs while typing, and typed values become the scenario's own. Without this script they
// follow when the form is sent, and "own" is ticked by hand.
const DAY = 1440;

const minutes = (text) => {
  const found = /^\s*(\d{1,2})[:.]?(\d{2})\s*$/.exec(text);
  return found ? Number(found[1]) * 60 + Number(found[2]) : NaN;
};

const amount = (text) => {
  const found = Number(text.replace(/[,;]$/, "").replace(",", "."));
  return found >= 0 ? found : 0;
};

const draw = (svg, bars) => {
  const height = svg.viewBox.baseVal.height;
  svg.querySelectorAll("rect").forEach((each) => each.remove());
  for (const [x, width, tall] of bars) {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x, y: height - tall, width, height: tall })) rect.setAttribute(name, value);
    svg.append(rect);
  }
};

const hours = (day) => {
  const edges = [...day.querySelectorAll("input")].map((input) => minutes(input.value));
  const windows = edges.flatMap((opens, n) => (n % 2 ? [] : [[opens, Math.min(edges[n + 1], DAY)]]));
  draw(day.querySelector("svg"), windows.filter(([opens, closes]) => opens < closes).map(([a, b]) => [a, b - a, 20]));
};

const demand = (rows) => {
  const several = rows.map((row) => {
    const value = (key) => row.querySelector(`[name$=".${key}"]`).value;
    const passengers = value("passengers").split(/\s+/).filter(Boolean).map(amount);
    return { svg: row.querySelector("svg"), starts: minutes(value("starts")), slot: Number(value("slot_minutes")), passengers };
  });
  const highest = Math.max(...several.flatMap((each) => each.passengers), 0) || 1;
  for (const { svg, starts, slot, passengers } of several) {
    const bars = passengers.map((each, n) => [starts + n * slot, slot, (40 * each) / highest]);
    draw(svg, bars.filter(([x, width]) => x < DAY && width > 0));
  }
};

document.querySelector(".scenario-form").addEventListener("input", ({ target }) => {
  const own = target.type !== "checkbox" && target.closest("fieldset")?.querySelector('[name$=".own"]');
  if (own) own.checked = true;
  const day = target.closest(".hours-day");
  if (day) hours(day);
  if (target.name.startsWith("demand.profile.")) demand([...document.querySelectorAll("#form-demand ~ fieldset")]);
});
