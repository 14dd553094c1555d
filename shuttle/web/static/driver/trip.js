// A departure on the page: counters per stop, full, left behind, left and arrived.
import { now as clock } from "./clock.js";
import { Happenings } from "./happenings.js";
import { askMoment, button as made, isEarly, isLate } from "./moments.js";
import { differ, keyOf, numbers, wordsOf } from "./others.js";
import { isCounted } from "./tallies.js";
import { questionsOf } from "./questions.js";
import { clockText, say } from "./texts.js";

const MINUTE = 60000;

function drawUnserved(details, reason) {
  for (const choice of details.querySelectorAll("[data-unserved]")) {
    choice.setAttribute("aria-pressed", String(choice.dataset.unserved === reason));
  }
  details.querySelector("summary").textContent = `${reason ? "✓ " : ""}${say("unserved")}`;
  details.classList.toggle("is-said", Boolean(reason));
}

// The counts that would be sent; a stop that was not counted has none, which is not 0.
function countsOf(tallies) {
  const counted = Object.entries(tallies).filter(([, tally]) => isCounted(tally));
  return Object.fromEntries(counted.map(([stop, tally]) => [stop, { boardings: tally.boardings ?? 0, alightings: tally.alightings }]));
}

const answerTo = (question) => `${question.question} ${question.on_board}`;

export class Trip {
  constructor(element, tallies, others, did) {
    this.element = element;
    this.others = others;
    this.day = element.closest(".day");
    this.departure = element.dataset.departure;
    this.runs = element.dataset.status !== "cancelled";
    this.leaves = Date.parse(element.dataset.leaves);
    this.arrives = Date.parse(element.dataset.arrives);
    this.opens = Date.parse(element.dataset.opens); // counting: `domain/ridership/boardings.py` says when
    this.tallies = tallies;
    this.did = did;
    this.asks = element.querySelector(".asks");
    this.asked = this.asks?.dataset.asked ? JSON.parse(this.asks.dataset.asked) : null;
    this.planned = element.querySelector(".state").textContent.trim();
    this.happenings = new Happenings(element, this.departure, tallies, did);
    element.addEventListener("click", (event) => this.#tapped(event.target.closest("button")));
  }

  get calls() {
    return [...this.element.querySelectorAll(".call")];
  }

  tally(call) {
    return this.tallies.get(this.departure, call.dataset.stop);
  }

  // When the bus left or arrived: by this phone, else by another at the first or the last stop; null where nobody said.
  passed(call, what) {
    const at = this.calls.indexOf(call);
    const told = at === (what === "left" ? 0 : this.calls.length - 1) ? this.others.moment(this.departure, what) : null;
    return this.tally(call)[what] ?? told;
  }

  // The tally of a call, or what another counted there.
  known(call) {
    const tally = this.tally(call);
    const theirs = isCounted(tally) ? null : this.others.count(this.departure, call.dataset.stop, tally);
    return theirs ? { slot: tally.slot, boardings: theirs.boardings, alightings: theirs.alightings } : tally;
  }

  get boarded() {
    const all = this.calls.map((call) => this.known(call)).filter(isCounted);
    return [...new Map(all.map((tally) => [tally.slot, tally.boardings ?? 0])).values()].reduce((a, b) => a + b, 0);
  }

  // Whether a stop where people board was neither counted nor passed by.
  get isMissing() {
    const boarding = this.calls.filter((call) => call.querySelector("[data-field=boardings]"));
    return this.runs && boarding.some((call) => !isCounted(this.known(call)) && !this.tally(call).unserved);
  }

  isDone(now, ends) {
    const arrived = this.calls.some((call) => call.querySelector('[data-passing="arrived"]') && this.passed(call, "arrived"));
    return arrived || now > this.arrives + ends * MINUTE;
  }

  // Opens and highlights the current departure; counting is not offered before it is due.
  arrange(now, isNext) {
    const due = now >= this.opens;
    const becomes = isNext && !this.element.classList.contains("is-next");
    this.element.hidden = false;
    this.element.classList.toggle("is-next", isNext);
    this.element.classList.toggle("is-past", this.runs && !isNext && now > this.arrives);
    if (becomes) this.element.open = true;
    if (!isNext && this.wasNext && !this.isAsking) this.element.open = false;
    this.wasNext = isNext;
    for (const tools of this.element.querySelectorAll(".tools")) tools.hidden = !due;
    this.happenings.arrange(now, this.leaves);
    const notYet = this.element.querySelector(".not-yet");
    if (notYet) notYet.hidden = due;
    this.#drawState(now);
  }

  #drawState(now) {
    if (!this.runs) return;
    const counted = this.calls.map((call) => this.known(call)).filter(isCounted);
    const [arrived, left] = [this.passed(this.calls.at(-1), "arrived"), this.passed(this.calls[0], "left")];
    // Not recorded is not 0.
    const sum = (field) => {
      const known = [...new Map(counted.map((tally) => [tally.slot, tally[field]])).values()].filter((count) => count != null);
      return known.length ? known.reduce((a, b) => a + b, 0) : "–";
    };
    const parts = [];
    if (arrived) parts.push(say("arrived_done", { time: clockText(arrived) }));
    else if (left) parts.push(say("left_short", { time: clockText(left) }));
    if (counted.length) parts.push(say("summary", { on: sum("boardings"), off: sum("alightings") }));
    else if (now > this.arrives) parts.push(say("not_counted"));
    if (!parts.length && this.planned) parts.push(this.planned);
    if (!parts.length && this.wasNext) parts.push(say("next"));
    this.element.querySelector(".state").textContent = parts.join(" · ");
  }

  draw() {
    for (const call of this.calls) {
      const tally = this.tally(call);
      for (const counter of call.querySelectorAll(".counter")) {
        const value = tally[counter.dataset.field];
        const shown = counter.querySelector(".value");
        shown.textContent = value ?? say("not_counted");
        shown.classList.toggle("is-missing", value === null);
        counter.querySelector('[data-step="-1"]').textContent = value === null ? "0" : "−";
      }
      const full = call.querySelector("[data-full]");
      full?.setAttribute("aria-pressed", String(tally.full));
      if (full) full.disabled = !isCounted(tally);
      const first = call.querySelector(".count-first");
      if (first) first.hidden = isCounted(tally);
      const left = call.querySelector(".left");
      if (left) left.hidden = !tally.full;
      for (const choice of call.querySelectorAll("[data-left]")) {
        choice.setAttribute("aria-pressed", String(tally.left_behind === Number(choice.dataset.left)));
      }
      const unserved = call.querySelector(".unserved");
      if (unserved) drawUnserved(unserved, tally.unserved);
      const passing = call.querySelector("[data-passing]");
      if (passing) this.#drawPassing(call, passing, this.passed(call, passing.dataset.passing));
      this.#drawTheirs(call, tally);
    }
    const moves = this.calls.flatMap((call) => [this.tally(call).left, this.tally(call).arrived]);
    this.happenings.draw(moves.filter(Boolean).sort().at(-1) ?? "");
    this.#drawState(Date.now());
    this.ask();
  }

  // Inconsistencies are shown after the last tap and force nothing: counts are kept whatever the answer.
  ask() {
    if (!this.asks) return;
    const { calls, names, seats } = this.asks.dataset;
    const stops = JSON.parse(calls);
    const tallies = Object.fromEntries(stops.map((stop) => [stop, this.tallies.get(this.departure, stop)]));
    if (Object.values(tallies).some((tally) => tally.due.length)) return void this.asks.replaceChildren();
    const found = this.asked ?? questionsOf(stops, countsOf(tallies), seats ? Number(seats) : null);
    const open = found.filter((each) => tallies[each.stop].sure !== answerTo(each));
    this.isAsking = open.length > 0;
    if (this.isAsking && this.element.hidden) this.element.hidden = false;
    if (this.isAsking) this.element.open = true; // also where the trip is over and the next one is current
    this.asks.replaceChildren(...open.map((each) => this.#question(each, JSON.parse(names)[each.stop], seats)));
  }

  #question(each, stop, seats) {
    const item = document.createElement("div");
    const text = document.createElement("p");
    text.textContent = say(`ask.${each.question}`, { n: Math.abs(each.on_board), stop, seats });
    const yes = document.createElement("button");
    yes.type = "button";
    yes.className = "ds-button";
    yes.dataset.variant = "secondary";
    yes.textContent = say("ask.yes");
    yes.addEventListener("click", async () => {
      await this.tallies.change(this.departure, each.stop, { sure: answerTo(each) });
      this.ask();
    });
    item.append(text, yes);
    return item;
  }

  // What another counted here; where both counted and differ, who is right is asked at once.
  #drawTheirs(call, tally) {
    const theirs = this.others.count(this.departure, call.dataset.stop, tally);
    const boards = call.querySelector("[data-field=boardings]");
    const alights = call.querySelector("[data-field=alightings]");
    const what = theirs ? numbers(theirs, boards, alights) : "";
    let box = call.querySelector(".theirs");
    if (!box && what) {
      box = document.createElement("div");
      box.className = "theirs";
      box.setAttribute("aria-live", "polite");
      call.querySelector(".tools").prepend(box);
    }
    if (!box) return;
    const asks = what && !tally.due.length && isCounted(tally) && differ(theirs, tally);
    const text = document.createElement("p");
    text.textContent = what ? wordsOf(theirs, what) : "";
    box.classList.toggle("is-asking", Boolean(asks));
    box.replaceChildren(...(what ? [text] : []));
    if (!asks) return;
    const mine = numbers(tally, boards, alights);
    text.textContent = say("both_counted", { theirs: text.textContent, mine });
    const row = document.createElement("div");
    row.className = "choices-wrap";
    const { boardings } = theirs;
    const alightings = theirs.alightings ?? tally.alightings;
    row.append(
      made(say("right.theirs", { what }), () => this.#change(call, { boardings, alightings }, "count", wordsOf(theirs, what))),
      made(say("right.mine", { what: mine }), async () => {
        await this.tallies.change(this.departure, call.dataset.stop, { agreed: keyOf(theirs) });
        this.draw();
      }),
    );
    box.append(row);
  }

  #drawPassing(call, button, moment) {
    const what = button.dataset.passing;
    button.setAttribute("aria-pressed", String(Boolean(moment)));
    button.dataset.variant = moment ? "secondary" : "primary";
    const values = { stop: call.dataset.name, time: moment ? clockText(moment) : "" };
    button.textContent = moment ? `✓ ${say(`${what}_done`, values)}` : say(what, values);
  }

  async #tapped(button) {
    const call = button?.closest(".call");
    if (!call) return;
    const { step, left, passing, unserved } = button.dataset;
    if (step) await this.#step(call, button.closest(".counter").dataset.field, Number(step));
    else if ("full" in button.dataset) await this.#full(call);
    else if (left !== undefined) await this.#leftBehind(call, Number(left));
    else if (unserved) await this.#unserved(call, unserved);
    else if (passing) await this.#tappedPassing(call, button, passing);
  }

  async #change(call, fields, due, text) {
    const before = this.tally(call);
    const back = Object.fromEntries(Object.keys(fields).map((name) => [name, before[name]]));
    const stop = call.dataset.stop;
    await this.tallies.change(this.departure, stop, fields, due);
    this.draw();
    this.did(text, async () => {
      await this.tallies.change(this.departure, stop, back, due);
      this.draw();
    });
  }

  #step(call, field, step) {
    const now = this.tally(call)[field];
    const value = now === null ? Math.max(step, 0) : Math.min(Math.max(now + step, 0), 1000);
    if (value === now) return undefined;
    const key = { boardings: "undo_on", alightings: "undo_off", wheelchairs: "undo_wheelchairs" }[field];
    // A count names boardings; at stops with both, the count to be sent is shown.
    const on = call.querySelector("[data-field=boardings]") && this.tally(call).boardings === null ? { boardings: 0 } : {};
    return this.#change(call, { ...on, [field]: value }, "count", say(key, { n: value, stop: call.dataset.name }));
  }

  #full(call) {
    const full = !this.tally(call).full;
    const fields = full ? { full } : { full, left_behind: null };
    return this.#change(call, fields, "count", say(full ? "undo_full" : "undo_not_full", { stop: call.dataset.name }));
  }

  #leftBehind(call, value) {
    const shown = { 3: "3–5", 6: "6+" }[value] ?? value;
    return this.#change(call, { left_behind: value }, "count", say("undo_left_behind", { n: shown }));
  }

  // The same reason again withdraws it.
  #unserved(call, reason) {
    const now = this.tally(call).unserved === reason ? null : reason;
    const text = say(now ? "undo_unserved" : "undo_served", { stop: call.dataset.name });
    return this.#change(call, { unserved: now }, "unserved", text);
  }

  // A tap is the passing, unless it comes long after its time; one that comes early is kept and asked about. Later taps set it right.
  async #tappedPassing(call, button, what) {
    const shown = this.passed(call, what);
    const planned = Date.parse(call.dataset.at);
    const now = clock();
    const values = { planned: clockText(planned), now: clockText(now) };
    const ask = (key, said) =>
      askMoment(button, { question: say(key, values), planned, shown: said, now: clock, save: (moment) => this.#passed(call, what, moment) });
    if (shown) return void ask(`time_right.${what}`, shown).focus();
    if (isLate(planned, now)) return void ask(`time_late.${what}`, null).focus();
    const moment = new Date(now).toISOString();
    await this.#passed(call, what, moment);
    if (isEarly(planned, now)) ask(`time_early.${what}`, moment);
  }

  #passed(call, what, moment) {
    const text = moment ? say(`${what}_done`, { time: clockText(moment), stop: call.dataset.name }) : say("time_withdrawn");
    return this.#change(call, { [what]: moment }, what, text);
  }
}
