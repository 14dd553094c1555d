// The real time of a passing: asked for where a tap comes early or late, and set right afterwards.
import { clockText, say } from "./texts.js";

const MINUTE = 60000;
const EARLY = 5 * MINUTE; // before its time: kept, and asked about
const LATE = 60 * MINUTE; // after its time: a tap is no longer the passing, so it is asked about first
const EARLIEST = 180 * MINUTE; // what a passing may be before and after its time: `domain/ridership/passings.py`
const LATEST = 720 * MINUTE;

export const isEarly = (planned, now) => now <= planned - EARLY;
export const isLate = (planned, now) => now >= planned + LATE;

// The moment nearest to the planned one at which a clock shows "HH:MM"; NaN for other texts.
export function momentOf(text, planned) {
  const [hours, minutes] = text.split(":").map(Number);
  const near = [-1, 0, 1].map((days) => {
    const at = new Date(planned);
    at.setDate(at.getDate() + days);
    return at.setHours(hours, minutes, 0, 0);
  });
  return near.sort((one, other) => Math.abs(one - planned) - Math.abs(other - planned))[0];
}

export function button(text, pressed, variant = "secondary") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "ds-button";
  made.dataset.variant = variant;
  made.textContent = text;
  made.addEventListener("click", pressed);
  return made;
}

// Asks beside the button of a passing. `shown`: ISO moment that is said, or null; `save(moment)`: an ISO moment, or null to withdraw.
export function askMoment(beside, { question, planned, shown, now, save }) {
  beside.parentElement.querySelector(".moment")?.remove();
  const box = document.createElement("div");
  box.className = "moment";
  const label = document.createElement("label");
  label.textContent = question;
  const field = document.createElement("input");
  field.type = "time";
  field.className = "ds-input";
  const at = new Date(shown ?? planned);
  field.value = [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
  label.append(field);
  const fault = document.createElement("p");
  fault.setAttribute("role", "alert");
  const end = () => box.remove();
  const keep = () => {
    const moment = momentOf(field.value, planned);
    if (!(moment <= now() + MINUTE)) fault.textContent = say("time_future", { time: field.value });
    else if (moment < planned - EARLIEST || moment > planned + LATEST) fault.textContent = say("time_far", { time: clockText(planned) });
    else {
      end();
      save(new Date(moment).toISOString());
    }
  };
  const acts = [button(say("time_save"), keep, "primary")];
  if (shown) acts.push(button(say("time_none"), () => (end(), save(null))));
  acts.push(button(say("time_leave"), end, "tertiary"));
  const row = document.createElement("div");
  row.className = "choices-wrap";
  row.append(...acts);
  box.append(label, fault, row);
  beside.after(box);
  return field;
}
