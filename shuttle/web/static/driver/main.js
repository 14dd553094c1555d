// The driver's page: connects the day in the HTML with the phone's tallies and outbox.
import { apart, hear } from "./clock.js";
import { button } from "./moments.js";
import { listen } from "./news.js";
import { Others } from "./others.js";
import { Outbox, storedBy } from "./outbox.js";
import { follow } from "./stream.js";
import { Tallies } from "./tallies.js";
import { Trip } from "./trip.js";
import { say } from "./texts.js";

const AFTER_LAST_ARRIVAL = 3600000; // ms that a service day is shown after its last arrival
const ENDS = 15; // minutes after arrival until the next departure becomes the current one

const byId = (id) => document.getElementById(id);
for (const place of document.querySelectorAll("[data-from]")) {
  place.append(byId(place.dataset.from).content.cloneNode(true));
}
const spoken = byId("spoken");
const undone = [];
const outbox = new Outbox(show, (departure, questions) => {
  const trip = byDeparture(departure);
  if (!trip) return;
  trip.asked = questions;
  trip.ask();
});
const tallies = new Tallies(outbox, () => trips.forEach((trip) => trip.draw()));
const others = new Others();
const trips = [...document.querySelectorAll(".trip")].map((element) => new Trip(element, tallies, others, did));
let lastState = "idle";
let heard = say("state.idle");

function byDeparture(departure) {
  return trips.find((each) => each.departure === departure);
}

function announce(text) {
  spoken.textContent = text;
}

// Status line: what has not reached the server yet, and what that needs. Screen readers announce that a tap is saved and, after the last
// tap, its outcome; the same text is not repeated.
function show({ state, waiting, refused, sent }) {
  const saved = state === "saved";
  if (saved) state = ["offline", "signed_out", "stranger", "sending"].includes(lastState) ? lastState : "waiting";
  const offline = state === "offline" || (!navigator.onLine && state !== "idle");
  let key = offline ? "offline" : state;
  if (waiting === 0) key = offline ? "offline_nothing" : refused.length ? "refused" : "idle";
  const text = say(`state.${key}`, { n: waiting });
  if (byId("connection-text").textContent !== text) byId("connection-text").textContent = text;
  byId("connection").hidden = false;
  byId("connection").dataset.state = key;
  byId("connection").dataset.waiting = waiting;
  byId("sign-in").hidden = key !== "signed_out";
  byId("send-now").hidden = waiting === 0 || !["offline", "stranger", "waiting"].includes(key);
  lastState = key;
  if (saved) announce(say("saved"));
  else if (key !== "sending") {
    if (sent && key === "idle") announce(say("sent"));
    else if (text !== heard) announce(text);
    heard = text;
  }
  showRefused(refused);
}

// A refusal is announced once and stays until it is dismissed.
function showRefused(refused) {
  const list = byId("refused");
  const before = list.children.length;
  list.hidden = refused.length === 0;
  list.replaceChildren(
    ...refused.map((entry) => {
      const item = document.createElement("li");
      const text = document.createElement("p");
      text.textContent = say("refused", { what: nameOf(entry.about), why: say(`refused.${entry.refused}`) });
      item.append(text);
      if (!entry.past) item.append(button(say("send_now"), () => outbox.retry(entry.number)));
      item.append(button(say("remove"), () => outbox.remove(entry.number)));
      return item;
    }),
  );
  if (refused.length > before) announce(list.lastElementChild.querySelector("p").textContent);
}

// Name of a departure at a stop; one that is no longer on the page keeps its earlier name.
function nameOf({ departure, stop }) {
  const clock = byDeparture(departure)?.element.querySelector(".clock").textContent ?? departure;
  if (!stop) return clock; // said of the whole departure
  return `${clock} ${document.querySelector(`.call[data-stop="${CSS.escape(stop)}"]`)?.dataset.name ?? stop}`;
}

// Remembers how to undo the last tap.
function did(text, back) {
  undone.push({ text, back });
  showUndo();
  arrange();
}

function showUndo() {
  const last = undone.at(-1);
  byId("undo-bar").hidden = !last;
  if (last) byId("undo-text").textContent = last.text;
}

byId("undo").addEventListener("click", async () => {
  const last = undone.pop();
  showUndo();
  await last?.back();
  announce(say("undone"));
  arrange();
});

// The current departure: the first that runs and has not ended.
function arrange() {
  const now = Date.now();
  const today = trips.filter((trip) => trip.day.dataset.date <= localDate(now) && !isOver(trip.day, now));
  const next = today.find((trip) => trip.runs && !trip.isDone(now, ENDS));
  for (const trip of trips) trip.arrange(now, trip === next);
  // A cancelled departure stays visible until its time is over.
  const past = today.slice(0, next ? today.indexOf(next) : today.length).filter((trip) => trip.runs || now > trip.arrives);
  for (const day of document.querySelectorAll(".day")) arrangeDay(day, now, past);
  document.body.classList.add("ready");
}

// A service day lasts past midnight: until an hour after its last arrival.
function isOver(day, now) {
  const lasts = trips.some((trip) => trip.day === day && now < trip.arrives + AFTER_LAST_ARRIVAL);
  return "stays" in day.dataset || (day.dataset.date < localDate(now) && !lasts);
}

function arrangeDay(day, now, allPast) {
  if ("stays" in day.dataset) return; // departures of yesterday that were opened on purpose
  day.hidden = isOver(day, now);
  const button = day.querySelector(".show-past");
  const past = allPast.filter((trip) => trip.day === day);
  button.hidden = past.length === 0;
  const shown = button.getAttribute("aria-expanded") === "true";
  button.textContent = shown ? say("hide_past") : say("show_past", { n: past.length });
  for (const trip of past) trip.element.hidden = !shown && !trip.isAsking;
  showEnd(day, now, button);
}

// When the day's last departure is done: how many boarded, and a tap to what was not counted.
function showEnd(day, now, past) {
  const end = day.querySelector(".day-end");
  if (!end) return;
  const ran = trips.filter((trip) => trip.day === day && trip.runs);
  const isDone = day.dataset.date <= localDate(now) && ran.length > 0 && ran.every((trip) => trip.isDone(now, ENDS));
  const missing = ran.filter((trip) => trip.isMissing);
  const on = ran.reduce((sum, trip) => sum + trip.boarded, 0);
  const text = isDone ? say(missing.length ? "day_end_missing" : "day_end", { n: on, missing: missing.length }) : "";
  if (end.dataset.text === text) return;
  end.dataset.text = text;
  end.hidden = !isDone;
  const line = document.createElement("p");
  line.textContent = text;
  end.replaceChildren(line);
  if (!missing.length) return;
  const open = () => {
    const [first] = ran.filter((trip) => trip.isMissing);
    if (!first) return;
    if (past.getAttribute("aria-expanded") !== "true") past.click();
    first.element.hidden = false;
    first.element.open = true;
    first.element.querySelector("summary").focus();
    first.element.scrollIntoView({ block: "start" });
  };
  end.append(button(say("day_end_show"), open));
}

function localDate(now) {
  const wall = new Date(now);
  const two = (n) => String(n).padStart(2, "0");
  return `${wall.getFullYear()}-${two(wall.getMonth() + 1)}-${two(wall.getDate())}`;
}

for (const button of document.querySelectorAll(".show-past")) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
    arrange();
  });
}

// A clock that is wrong is told, since the list goes by it; what is recorded is corrected.
function showClock(at) {
  hear(at);
  const minutes = Math.round(apart() / 60000);
  byId("clock").hidden = minutes === 0;
  if (minutes) byId("clock").textContent = say(minutes > 0 ? "clock_behind" : "clock_ahead", { n: Math.abs(minutes) });
}

byId("send-now").addEventListener("click", () => tallies.settle());
addEventListener("online", () => tallies.settle());
document.addEventListener("today", ({ detail }) => {
  if (detail.name === "now") return void showClock(detail.at);
  if (!others.hear(detail.name, detail)) return;
  byDeparture(detail.departure)?.draw();
  arrange();
});
addEventListener("offline", () => outbox.tell("offline"));
addEventListener("pagehide", () => tallies.settle());
document.addEventListener("visibilitychange", () => tallies.settle());
setInterval(arrange, 20000);

await tallies.load();
for (const trip of trips) trip.draw();
arrange();
follow();
await tallies.forgetBefore(localDate(Date.now() - 7 * 86400000));
await navigator.storage?.persist?.();
// Counting key of this phone, which sends waiting counts after the session has ended. It is requested whenever there is coverage until our
// server, and not a guest network, confirms it.
async function askForKey() {
  const answer = await fetch("/api/v1/departures/counting-key", { method: "POST", credentials: "same-origin" });
  if (await storedBy(answer)) removeEventListener("online", tryForKey);
}

const tryForKey = () => askForKey().catch(() => undefined); // no coverage: try again later

if (document.body.classList.contains("driver")) {
  listen();
  addEventListener("online", tryForKey);
  await tryForKey();
}
// Without a service worker (old browser, no TLS) only opening the page without coverage fails.
if ("serviceWorker" in navigator && document.body.classList.contains("driver")) {
  await navigator.serviceWorker.register("/driver-worker.js", { scope: "/driver" }).catch(() => undefined);
}
