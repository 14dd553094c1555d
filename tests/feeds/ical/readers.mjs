// Reads a calendar on standard input with two JavaScript engines and writes what each shows: [uid, start, end] in UTC.
// A reader's own recurrence and time zone code runs, so that what Thunderbird's engine and a Node server see is known.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(process.argv[2]);
const text = readFileSync(0, "utf8");
const iso = (milliseconds) => new Date(milliseconds).toISOString();

async function byIcalJs() {
  const loaded = await import(require.resolve("ical.js"));
  const ICAL = loaded.default ?? loaded;
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  }
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return [event.uid, iso(event.startDate.toUnixTime() * 1000), iso(event.endDate.toUnixTime() * 1000)];
  });
}

function byNodeIcal() {
  const events = Object.values(require("node-ical").sync.parseICS(text)).filter((entry) => entry.type === "VEVENT");
  return events.map((event) => [event.uid, event.start.toISOString(), (event.end ?? event.start).toISOString()]);
}

console.log(JSON.stringify({ "ical.js": await byIcalJs(), "node-ical": byNodeIcal() }));
