// The count of a departure at a stop, as it stands on this phone. A tap changes it and is on disk before it is shown; when
// the taps have paused, what has come of them goes into the outbox as one count.
import { put } from "./outbox.js";
import { ask, transaction } from "./store.js";

const PAUSE = 2500; // ms after the last tap

export const slotOf = (departure, stop) => `${departure}/${stop}`;
export const EMPTY = { boardings: null, alightings: null, left_behind: null, wheelchairs: null, full: false, left: null, arrived: null, unserved: null, sure: null };

export class Tallies {
  constructor(outbox, settled) {
    this.outbox = outbox;
    this.settled = settled; // called when every tap has been handed over
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

  // Changes some fields of a tally; `due` names what must be told to the server: "count", "left", "arrived", "unserved"; or nothing.
  async change(departure, stop, fields, due) {
    const before = this.get(departure, stop);
    const told = due ? { at: new Date().toISOString(), due: [...new Set([...before.due, due])] } : {};
    const after = { ...before, ...fields, ...told };
    // A count that has been handed over cannot be made unsaid, only corrected.
    if (before.told && after.boardings === null) after.boardings = 0;
    this.bySlot.set(after.slot, after);
    await transaction(["tallies"], ({ tallies }) => ask(tallies.put(after)));
    if (!due) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), PAUSE);
    await this.outbox.tell("saved");
  }

  // Puts every tally that the server does not know into the outbox, in one transaction with the mark that it is there.
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

  // Departures of days that are long gone are forgotten once everything of them is sent.
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
  if (what !== "count") return [`${place}/passings`, { stop: tally.stop, kind: what, at: tally[what] }, tally];
  const body = { stop: tally.stop, boardings: tally.boardings ?? 0, full: tally.full, recorded_at: tally.at };
  if (tally.alightings !== null) body.alightings = tally.alightings;
  if (tally.left_behind !== null) body.left_behind = tally.left_behind;
  if (tally.wheelchairs !== null) body.wheelchairs = tally.wheelchairs;
  // At a centre others count the other stops, so the server is asked what does not add up.
  const ask = document.body.classList.contains("staff") ? "?ask=true" : "";
  return [`${place}/boardings${ask}`, body, tally];
}
