// What is said of a whole departure: late, standing, a closed road; and help, which is a subject of its own. The later of the phone's word
// and the server's holds, so that what another phone or a centre took back is not shown on.
import { stamp } from "./clock.js";
import { say } from "./texts.js";

const EARLIEST = 3 * 3600000; // ms before its time: `domain/ridership/passings.py`
export const SUBJECTS = ["incident", "help"];

const subjectOf = (value) => (value === "needs_help" ? "help" : "incident");

export function nameOf(value) {
  const [kind, n] = value.split("-");
  return say(`incident.${kind}`, { n });
}

export class Happenings {
  constructor(element, departure, tallies, did) {
    this.element = element;
    this.departure = departure;
    this.tallies = tallies;
    this.did = did;
    this.list = element.querySelector(".happenings");
    this.line = element.querySelector("summary .happened");
    this.list?.addEventListener("click", (event) => this.#tapped(event.target.closest("[data-happened]")));
  }

  arrange(now, leaves) {
    if (this.list) this.list.hidden = now < leaves - EARLIEST;
  }

  // `moved`: when the bus was last tapped as left or arrived, ISO text or "". A delay and a bus that stands are over then.
  draw(moved = this.moved ?? "") {
    this.moved = moved;
    if (!this.list) return;
    const values = SUBJECTS.map((subject) => this.#standing(subject));
    for (const button of this.list.querySelectorAll("[data-happened]")) {
      button.setAttribute("aria-pressed", String(values.includes(button.dataset.happened)));
    }
    this.line.textContent = values.filter(Boolean).map(nameOf).join(" · ");
  }

  #standing(subject) {
    const own = this.tallies.get(this.departure, "");
    const at = own[`${subject}_at`] ?? "";
    const { [subject]: theirs = "", [`${subject}At`]: theirAt = "" } = this.element.dataset;
    if (!at || Date.parse(theirAt) > Date.parse(at)) return theirs;
    const value = own[subject] ?? "";
    const isOver = subject === "incident" && value !== "road_closed" && this.moved && Date.parse(this.moved) > Date.parse(at);
    return isOver ? "" : value;
  }

  // The same button again takes it back.
  async #tapped(button) {
    if (!button) return;
    const value = button.dataset.happened;
    const subject = subjectOf(value);
    const before = this.#standing(subject);
    const now = before === value ? "" : value;
    await this.#say(subject, now);
    this.did(say(now ? "incident_told" : "incident_over", { what: nameOf(value) }), () => this.#say(subject, before));
  }

  async #say(subject, value) {
    const fields = { [subject]: value, [`${subject}_at`]: stamp() };
    await this.tallies.change(this.departure, "", fields, subject);
    this.draw();
  }
}
