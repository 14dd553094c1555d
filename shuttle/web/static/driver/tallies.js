// Tally: the current count of a departure at a stop on this phone. A tap is on disk before it is shown; PAUSE after the last
// tap the tally goes into the outbox as one count.
import { stamp } from "./clock.js";
import { put } from "./outbox.js";
import { ask, transaction } from "./store.js";

const PAUSE = 2500; // ms after the last tap

// What is said of a whole departure is a tally without a stop.
export const slotOf = (departure, stop) => `${departure}/${stop}`;
export const EMPTY = { boardings: null, alightings: null, left_behind: null, wheelchairs: null, full: false, left: null, arrived: null, unserved: null, sure: null, agreed: null, incident: null, incident_at: null, help: null, help_at: null };

export class Tallies {
  constructor(outbox, settled) {
    this.outbox = outbox;
    this.settled = settled; // called when every tally is in the outbox
    this.bySlot = new Map();
    this.timer = 0;
  }

  async load() {
    const all = await transaction(["tallies"], ({ tallies }) => ask(tallies.getAll()));
    this.bySlot = new Map(all.map((tally) => [tally.slot, { ...EMPTY, ...tally }]));
    await this.settle();
  }

  get(departure, stop) {
    return this.bySlot.get(slotOf(departure, stop)) ?? { ...EMPTY, slot: slotOf(departure, stop), departure, stop, due: [] };
  }

  // Changes fields of a tally; `due` names what must be sent: "count", "left", "arrived", "unserved", "incident", "help"; or nothing.
  async change(departure, stop, fields, due) {
    const before = this.get(departure, stop);
    const told = due ? { at: stamp(), due: [...new Set([...before.due, due])] } : {};
    const after = { ...before, ...fields, ...told };
    // A count that was sent cannot be withdrawn, only corrected.
    if (before.told && after.boardings === null) after.boardings = 0;
    this.bySlot.set(after.slot, after);
    await transaction(["tallies"], ({ tallies }) => ask(tallies.put(after)));
    if (!due) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), PAUSE);
    await this.outbox.tell("saved");
  }

  // Puts every due tally into the outbox and marks it, in one transaction.
  async settle() {
    clearTimeout(this.timer);
    const open = await transaction(["tallies", "outbox"], async ({ tallies, outbox }) => {
      const due = (await ask(tallies.getAll())).filter((tally) => tally.due.length).map((tally) => ({ ...EMPTY, ...tally }));
      for (const tally of due) {
        const acts = tally.due.filter((what) => what !== "count" || isCounted(tally));
        for (const what of acts) await put(outbox, `${tally.slot}/${what}`, ...actOf(tally, what));
        tally.told ||= acts.includes("count");
        tally.due = [];
        await ask(tallies.put(tally));
      }
      return due;
    });
    for (const tally of open) {
      const now = this.bySlot.get(tally.slot);
      const unchanged = !now || now.at === tally.at;
      this.bySlot.set(tally.slot, unchanged ? tally : { ...now, told: tally.told });
    }
    this.settled();
    await this.outbox.send();
  }

  // Tallies of past days are deleted once they have been sent.
  async forgetBefore(date) {
    await transaction(["tallies"], async ({ tallies }) => {
      for (const tally of await ask(tallies.getAll())) {
        if (tally.slot < date && !tally.due.length) await ask(tallies.delete(tally.slot));
      }
    });
  }
}

export const isCounted = (tally) => tally.boardings !== null || tally.alightings !== null;

function actOf(tally, what) {
  const place = `/api/v1/departures/${encodeURIComponent(tally.departure)}`;
  if (what === "unserved") {
    const url = `${place}/unserved/${encodeURIComponent(tally.stop)}`;
    return tally.unserved ? [url, { reason: tally.unserved }, tally, "PUT"] : [url, undefined, tally, "DELETE"];
  }
  if (what === "incident" || what === "help") return [`${place}/incident`, incidentOf(what, tally[what], tally[`${what}_at`]), tally];
  if (what !== "count") return [`${place}/passings`, { stop: tally.stop, kind: what, at: tally[what] }, tally];
  const body = { stop: tally.stop, boardings: tally.boardings ?? 0, full: tally.full, recorded_at: tally.at };
  if (tally.alightings !== null) body.alightings = tally.alightings;
  if (tally.left_behind !== null) body.left_behind = tally.left_behind;
  if (tally.wheelchairs !== null) body.wheelchairs = tally.wheelchairs;
  // At a centre the other stops are counted elsewhere, so the server finds the inconsistencies.
  const ask = document.body.classList.contains("staff") ? "?ask=true" : "";
  return [`${place}/boardings${ask}`, body, tally];
}

// "delayed-10", "stopped", "road_closed" or "needs_help"; empty takes back what was said of the subject.
function incidentOf(subject, value, recorded_at) {
  if (!value) return { kind: subject === "help" ? "needs_help" : "delayed", withdrawn: true, recorded_at };
  const [kind, minutes] = value.split("-");
  return minutes ? { kind, minutes: Number(minutes), recorded_at } : { kind, recorded_at };
}
