// What others said of the departures on the page: each observer's latest count, and when the bus left and arrived.
import { say } from "./texts.js";

const WEIGHTS = { correction: 3, driver: 2, staff: 1 }; // `domain/ridership/boardings.py` says which count holds
const ROLES = ["correction", "driver", "staff", "paper"];

export class Others {
  constructor() {
    this.counts = new Map(); // departure/stop -> observer -> count
    this.moves = new Map(); // departure -> {left, arrived}
    for (const { event, ...detail } of JSON.parse(document.getElementById("theirs")?.textContent ?? "[]")) this.hear(event, detail);
  }

  // Whether the event says something that the page may not show yet.
  hear(name, detail) {
    if (name === "counted") {
      const slot = `${detail.departure}/${detail.stop}`;
      if (!this.counts.has(slot)) this.counts.set(slot, new Map());
      this.counts.get(slot).set(detail.by, detail);
      return true;
    }
    if (name === "left" || name === "arrived") {
      const before = this.moves.get(detail.departure) ?? {};
      this.moves.set(detail.departure, { left: name === "left" ? detail.at : before.left, arrived: name === "arrived" ? detail.at : null });
      return true;
    }
    return ["changed", "late", "cancelled"].includes(name) && this.moves.delete(detail.departure);
  }

  // The count to tell beside this phone's own; null for none, and for the echo of what this phone said itself.
  count(departure, stop, tally) {
    const mine = tally.at ? Date.parse(tally.at) : 0;
    const told = [...(this.counts.get(`${departure}/${stop}`)?.values() ?? [])].filter(
      (each) => !each.own || Date.parse(each.recorded_at) > mine,
    );
    const weight = (each) => WEIGHTS[each.role] ?? 0;
    return told.sort((one, other) => weight(other) - weight(one) || Date.parse(other.recorded_at) - Date.parse(one.recorded_at))[0] ?? null;
  }

  moment(departure, what) {
    return this.moves.get(departure)?.[what] ?? null;
  }
}

export const keyOf = (count) => `${count.by} ${count.boardings} ${count.alightings}`;

// Two people's counts differ where both looked.
export function differ(theirs, tally) {
  if (!theirs || theirs.own || theirs.role === "correction" || tally.agreed === keyOf(theirs)) return false;
  const apart = (field) => theirs[field] != null && tally[field] != null && theirs[field] !== tally[field];
  return apart("boardings") || apart("alightings");
}

export function numbers({ boardings, alightings }, boards, alights) {
  const parts = [];
  if (boards && boardings != null) parts.push(say("n_on", { n: boardings }));
  if (alights && alightings != null) parts.push(say("n_off", { n: alightings }));
  return parts.join(", ");
}

export function wordsOf(theirs, what) {
  const who = theirs.own ? "own" : ROLES.includes(theirs.role) ? theirs.role : "other";
  return say(`theirs.${who}`, { what });
}
