// Outbox: sends entries, each with the idempotency key made when it was added, so that it is stored once however often it is sent.
//
// Guest networks and broken proxies answer in the server's place, with any status. So an entry is deleted only on an answer that only our
// server gives. A refused or unanswered entry blocks only later entries of its slot, which must not overtake it.
import { ask, newKey, transaction } from "./store.js";

const PAUSES = [2000, 5000, 15000, 30000, 60000]; // ms between attempts while the server does not answer
const PATIENCE = 15000; // ms until an answer counts as missing
const SILENCE = 3; // attempts in a row without an answer before the others wait too
const REASONS = { // reason of a refusal by problem type or status
  "urn:shuttle:counted-too-early": "early",
  "urn:shuttle:counted-in-future": "clock",
  404: "gone",
  409: "cancelled",
};

// Adds an entry. One of the same slot that was never sent is replaced: only the last state matters.
export function put(outbox, slot, url, body, about, method = "POST") {
  return ask(outbox.getAll()).then((all) => {
    for (const entry of all) if (entry.slot === slot && entry.tries === 0 && !entry.refused) outbox.delete(entry.number);
    return ask(outbox.add({ slot, method, url, body, about, key: newKey(), tries: 0, refused: "" }));
  });
}

// The document of an answer with the `id` under which our server stored the entry; null for any other answer.
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
    this.answered = answered; // answered(departure, questions): the server's questions about a stored count
    this.failures = 0;
    this.timer = 0;
    this.again = false;
    this.busy = false;
  }

  // Waiting are the entries of the outbox and tallies that are still being tapped.
  async tell(state, sent = 0) {
    const [entries, open] = await transaction(["outbox", "tallies"], async ({ outbox, tallies }) => {
      const all = await ask(outbox.getAll());
      const due = (await ask(tallies.getAll())).filter((tally) => tally.due.length);
      return [all, due.length];
    });
    const refused = entries.filter((entry) => entry.refused);
    this.told({ state, waiting: entries.length - refused.length + open, refused, sent });
  }

  // Only one page of the phone sends at a time.
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
    const aside = new Map(); // slot -> reason for waiting
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

  // Of the oldest entry of each slot the one with the fewest attempts. Its attempt is stored before it is sent: then it is never replaced.
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

  // The outcome: "sent", "refused", or the reason for waiting.
  async #try(entry) {
    let response, document;
    try {
      response = await fetch(entry.url, {
        method: entry.method ?? "POST", // entries of an older build have none
        headers: { "Content-Type": "application/json", "Idempotency-Key": entry.key },
        body: JSON.stringify(entry.body),
        credentials: "same-origin",
        redirect: "manual", // our server never redirects an entry
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

  // An earlier refused entry of the slot is obsolete: sent again it would supersede the newer one.
  #arrived(entry) {
    return transaction(["outbox"], async ({ outbox }) => {
      for (const other of await ask(outbox.getAll())) {
        if (other.slot === entry.slot && other.refused && other.number < entry.number) outbox.put({ ...other, past: true });
      }
      await ask(outbox.delete(entry.number));
    });
  }

  // Sends a refused entry again: its departure runs after all, or the phone's clock was corrected.
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
