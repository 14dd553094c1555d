// Sends what waits, in order, each with the key that was made when it was put in: however often it is tried, it arrives once.
import { ask, newKey, transaction } from "./store.js";

const PAUSES = [2000, 5000, 15000, 30000, 60000]; // ms between tries while the server does not answer
const PATIENCE = 15000; // ms for one answer

// Puts an act in. One for the same slot that was never tried is replaced: only its last state matters.
export function put(outbox, slot, url, body, about, method = "POST") {
  return ask(outbox.getAll()).then((all) => {
    for (const entry of all) if (entry.slot === slot && entry.tries === 0 && !entry.refused) outbox.delete(entry.number);
    return ask(outbox.add({ slot, method, url, body, about, key: newKey(), tries: 0, refused: "" }));
  });
}

export class Outbox {
  constructor(told, answered) {
    this.told = told; // told({state, waiting, refused, sent})
    this.answered = answered; // answered(departure, questions): what the server asks about a count that has arrived
    this.failures = 0;
    this.timer = 0;
    this.again = false;
    this.busy = false;
  }

  // What waits is what is in the outbox and what a hand that still taps has not handed over yet.
  async tell(state, sent = 0) {
    const [entries, open] = await transaction(["outbox", "tallies"], async ({ outbox, tallies }) => {
      const all = await ask(outbox.getAll());
      const due = (await ask(tallies.getAll())).filter((tally) => tally.due.length);
      return [all, due.length];
    });
    const refused = entries.filter((entry) => entry.refused);
    this.told({ state, waiting: entries.length - refused.length + open, refused, sent });
  }

  // Only one page of the phone sends at a time; the others leave it to that one.
  async send() {
    clearTimeout(this.timer);
    if (this.busy) return void (this.again = true);
    this.busy = true;
    try {
      do {
        this.again = false;
        if (navigator.locks) await navigator.locks.request("shuttle-outbox", () => this.#sendAll());
        else await this.#sendAll();
      } while (this.again);
    } finally {
      this.busy = false;
    }
  }

  async #sendAll() {
    let sent = 0;
    const aside = new Set(); // what needs a session, while the phone's key still carries counts past it
    for (;;) {
      const entry = await this.#next(aside);
      if (!entry && aside.size) {
        this.timer = setTimeout(() => this.send(), PAUSES[Math.min(this.failures++, PAUSES.length - 1)]);
        return this.tell("signed_out", sent);
      }
      if (!entry) {
        this.failures = 0;
        return this.tell("idle", sent);
      }
      if (sent === 0) await this.tell("sending");
      const outcome = await this.#try(entry);
      if (outcome === "sent") sent += 1;
      else if (outcome === "signed_out" && (entry.method ?? "POST") !== "POST") aside.add(entry.number);
      else if (outcome !== "refused") {
        this.timer = setTimeout(() => this.send(), PAUSES[Math.min(this.failures++, PAUSES.length - 1)]);
        return this.tell(outcome, sent);
      }
    }
  }

  // The oldest that waits, marked as tried before it leaves: from then on it is never replaced.
  #next(aside) {
    return transaction(["outbox"], async ({ outbox }) => {
      const entry = (await ask(outbox.getAll())).find((candidate) => !candidate.refused && !aside.has(candidate.number));
      if (entry) await ask(outbox.put({ ...entry, tries: entry.tries + 1 }));
      return entry;
    });
  }

  async #try(entry) {
    let response;
    try {
      response = await fetch(entry.url, {
        method: entry.method ?? "POST", // what an older build put in names none
        headers: { "Content-Type": "application/json", "Idempotency-Key": entry.key },
        body: JSON.stringify(entry.body),
        credentials: "same-origin",
        redirect: "error",
        signal: AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined,
      });
    } catch {
      return "offline";
    }
    if (response.ok) {
      await transaction(["outbox"], ({ outbox }) => ask(outbox.delete(entry.number)));
      if (entry.url.endsWith("?ask=true")) {
        const { questions = [] } = await response.json().catch(() => ({}));
        this.answered(entry.about.departure, questions);
      }
      return "sent";
    }
    if (response.status === 401 || response.status === 403) return "signed_out";
    if (response.status >= 500 || [408, 425, 429].includes(response.status)) return "waiting";
    const reason = { 404: "gone", 409: "cancelled" }[response.status] ?? "other";
    await transaction(["outbox"], ({ outbox }) => ask(outbox.put({ ...entry, refused: reason })));
    return "refused";
  }

  async remove(number) {
    await transaction(["outbox"], ({ outbox }) => ask(outbox.delete(number)));
    await this.tell("idle");
  }
}
