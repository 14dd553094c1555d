// Sends what waits, each with the key that was made when it was put in: however often it is tried, it arrives once.
//
// Guest networks and broken proxies answer for the server, with any status. So nothing leaves the phone but for an answer that only our
// server gives, and what is refused or not answered holds up nothing but later acts on the same slot, which must not overtake it.
import { ask, newKey, transaction } from "./store.js";

const PAUSES = [2000, 5000, 15000, 30000, 60000]; // ms between tries while the server does not answer
const PATIENCE = 15000; // ms for one answer
const SILENCE = 3; // tries in a row to which nobody answers before the rest waits too
const REASONS = { // why an act was refused, by the type of the problem or its status
  "urn:shuttle:counted-too-early": "early",
  "urn:shuttle:counted-in-future": "clock",
  404: "gone",
  409: "cancelled",
};

// Puts an act in. One for the same slot that was never tried is replaced: only its last state matters.
export function put(outbox, slot, url, body, about, method = "POST") {
  return ask(outbox.getAll()).then((all) => {
    for (const entry of all) if (entry.slot === slot && entry.tries === 0 && !entry.refused) outbox.delete(entry.number);
    return ask(outbox.add({ slot, method, url, body, about, key: newKey(), tries: 0, refused: "" }));
  });
}

// The document of an answer that says what our server stored, and under which `id`; null for any other.
export async function storedBy(response) {
  if (![200, 201].includes(response.status) || response.redirected || !isJson(response, "json")) return null;
  const document = await read(response);
  const named = typeof document?.id === "number" || (typeof document?.id === "string" && document.id !== "");
  return named ? document : null;
}

function isJson(response, kind) {
  return response.headers.get("content-type")?.split(";")[0].trim().toLowerCase() === `application/${kind}`;
}

async function read(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
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
    const aside = new Map(); // slot -> why it waits
    let sent = 0;
    let silence = 0;
    for (let entry; silence < SILENCE && (entry = await this.#next(aside)); ) {
      if (sent === 0 && aside.size === 0) await this.tell("sending");
      const outcome = await this.#try(entry);
      if (outcome === "sent") sent += 1;
      else if (outcome !== "refused") aside.set(entry.slot, outcome);
      silence = outcome === "offline" ? silence + 1 : 0;
    }
    if (aside.size === 0) {
      this.failures = 0;
      return this.tell("idle", sent);
    }
    this.timer = setTimeout(() => this.send(), PAUSES[Math.min(this.failures++, PAUSES.length - 1)]);
    const why = new Set(aside.values());
    if (why.has("offline") && sent === 0) return this.tell("offline", sent);
    return this.tell(["signed_out", "stranger"].find((state) => why.has(state)) ?? "waiting", sent);
  }

  // Of the oldest of each slot the one that was tried least, marked as tried before it leaves: from then on it is never replaced.
  #next(aside) {
    return transaction(["outbox"], async ({ outbox }) => {
      const first = new Map();
      for (const entry of await ask(outbox.getAll())) {
        if (!entry.refused && !aside.has(entry.slot) && !first.has(entry.slot)) first.set(entry.slot, entry);
      }
      const [entry] = [...first.values()].sort((one, other) => one.tries - other.tries || one.number - other.number);
      if (entry) await ask(outbox.put({ ...entry, tries: entry.tries + 1 }));
      return entry;
    });
  }

  // What came of it: "sent", "refused", or why it waits.
  async #try(entry) {
    let response, document;
    try {
      response = await fetch(entry.url, {
        method: entry.method ?? "POST", // what an older build put in names none
        headers: { "Content-Type": "application/json", "Idempotency-Key": entry.key },
        body: JSON.stringify(entry.body),
        credentials: "same-origin",
        redirect: "manual", // our server sends no act elsewhere: who does is not ours
        signal: AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined,
      });
      document = await storedBy(response);
    } catch {
      return "offline";
    }
    if (!document) return this.#notStored(entry, response);
    await this.#arrived(entry);
    if (entry.url.endsWith("?ask=true")) this.answered(entry.about.departure, document.questions ?? []);
    return "sent";
  }

  async #notStored(entry, response) {
    const { status } = response;
    if (status >= 500) return "waiting";
    if (status < 400 || !isJson(response, "problem+json")) return "stranger";
    if (status === 401 || status === 403) return "signed_out";
    if ([408, 425, 429].includes(status)) return "waiting";
    const problem = await read(response).catch(() => null);
    const refused = REASONS[problem?.type] ?? REASONS[status] ?? "other";
    await transaction(["outbox"], ({ outbox }) => ask(outbox.put({ ...entry, tries: entry.tries + 1, refused })));
    return "refused";
  }

  // One of the slot that was refused before is past: sent again it would stand above the newer one.
  #arrived(entry) {
    return transaction(["outbox"], async ({ outbox }) => {
      for (const other of await ask(outbox.getAll())) {
        if (other.slot === entry.slot && other.refused && other.number < entry.number) outbox.put({ ...other, past: true });
      }
      await ask(outbox.delete(entry.number));
    });
  }

  // One that was refused is tried anew: its departure runs after all, or the phone's clock has been set right.
  async retry(number) {
    await transaction(["outbox"], async ({ outbox }) => {
      const entry = (await ask(outbox.getAll())).find((candidate) => candidate.number === number);
      if (entry?.refused && !entry.past) await ask(outbox.put({ ...entry, refused: "" }));
    });
    await this.send();
  }

  async remove(number) {
    await transaction(["outbox"], ({ outbox }) => ask(outbox.delete(number)));
    await this.tell("idle");
  }
}
