// The phone's outbox over a store in memory and a server that answers in every way; writes what was seen as one JSON document.
// Arguments: a folder with outbox.js and, in place of the database, store.js.
import http from "node:http";

globalThis.navigator ??= {}; // an older Node has none

const { Outbox, put } = await import(`${process.argv[2]}/outbox.js`);
const { transaction } = await import(`${process.argv[2]}/store.js`);

const json = (status, text, type = "application/json", more = {}) => (_, answer) => {
  answer.writeHead(status, { "content-type": type, ...more });
  answer.end(text);
};
const problem = (status, type) => json(status, JSON.stringify({ type: `urn:shuttle:${type}`, status }), "application/problem+json");
const ours = json(201, '{"id":"1","departure":"d","stop":"s"}');
const page = "<html>Gjestenett</html>";
const STRANGERS = {
  "a page with 200": json(200, page, "text/html"),
  "a page that calls itself JSON": json(200, page),
  "an empty 200": json(200, ""),
  "an empty 204": (_, answer) => answer.writeHead(204).end(),
  "JSON without id": json(200, "{}"),
  "JSON with an empty id": json(201, '{"id":""}'),
  "JSON with id null": json(201, '{"id":null}'),
  "a list": json(200, '["id"]'),
  "null": json(200, "null"),
  "JSON that ends too early": json(201, '{"id":"1","depart'),
  "fewer bytes than were named": (_, answer) => {
    answer.writeHead(201, { "content-type": "application/json", "content-length": "100" });
    answer.write('{"id":"1"}');
    setTimeout(() => answer.destroy(), 10);
  },
  "an id in a plain text": json(200, '{"id":"1"}', "text/plain"),
  "an id in HTML": json(200, '{"id":"1"}', "text/html; charset=utf-8"),
  "accepted, not stored": json(202, '{"id":"1"}'),
  "a redirect to a page": json(302, "", "text/html", { location: "/login" }),
  "a redirect that keeps the act": json(307, "", "text/html", { location: "/somewhere/else" }),
  "a page with 404": json(404, page, "text/html"),
  "a page with 403": json(403, page, "text/html"),
  "a page with 409": json(409, page, "text/html"),
  "sign in to the network": json(511, page, "text/html"),
  "a gateway without a server": json(502, page, "text/html"),
  "nothing at all": (_, answer) => answer.destroy(),
};

let answers = {};
const seen = [];
const server = http.createServer((request, answer) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    const name = request.url.split("/")[1];
    seen.push([name, request.method, body ? JSON.parse(body) : null, request.headers["idempotency-key"]]);
    (answers[name] ?? ours)(request, answer);
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;

const told = [];
const outbox = new Outbox((state) => told.push(state), () => {});
const entries = () => transaction(["outbox"], ({ outbox: store }) => store.getAll());
const left = async () => (await entries()).map((entry) => entry.about.departure);

async function fill(...acts) {
  seen.length = 0;
  await transaction(["outbox"], async ({ outbox: store }) => {
    store.clear();
    for (const { name, slot = name, method = "POST", body = { boardings: 3 } } of acts) {
      await put(store, slot, `${base}/${name}`, body, { departure: name, stop: "s" }, method);
      for (const entry of store.getAll()) if (entry.tries === 0) store.put({ ...entry, tries: 1 }); // so that it is not replaced
    }
  });
}

async function send(times = 1) {
  for (let time = 0; time < times; time += 1) await outbox.send();
  clearTimeout(outbox.timer);
}

const results = {};

results.strangers = {};
for (const [name, answer] of Object.entries(STRANGERS)) {
  for (const method of ["POST", "PUT", "DELETE"]) {
    answers = { act: answer };
    await fill({ name: "act", method });
    await send();
    const kept = await entries();
    answers = {};
    await send();
    const keys = new Set(seen.map(([, , , key]) => key));
    results.strangers[`${name}, ${method}`] = {
      kept: kept.length, refused: kept[0]?.refused, after: (await left()).length, keys: keys.size, hops: seen.length,
    };
  }
}

answers = { bad: problem(422, "bad-count"), gone: problem(404, "unknown-departure"), off: problem(409, "departure-cancelled"),
  early: problem(422, "counted-too-early"), fast: problem(422, "counted-in-future") };
await fill(...Object.keys(answers).map((name) => ({ name })), { name: "good" });
await send();
results.refused = Object.fromEntries((await entries()).map((entry) => [entry.about.departure, entry.refused]));
results.stateAfterRefusals = told.at(-1).state;
const fast = (await entries()).find((entry) => entry.about.departure === "fast");
answers = {};
await outbox.retry(fast.number);
results.retried = await left();

for (const [name, answer] of Object.entries({ error: json(500, ""), silence: STRANGERS["nothing at all"], page: STRANGERS["a page with 200"], signedOut: problem(401, "not-signed-in") })) {
  answers = { a: answer, b: answer, c: answer, d: answer };
  await fill({ name: "a" }, { name: "b" }, { name: "c" }, { name: "d" }, { name: "good1" }, { name: "good2" });
  await send(3);
  results[`heldUpBy ${name}`] = await left();
}

answers = { first: json(500, "") };
await fill({ name: "first", slot: "one" }, { name: "second", slot: "one" }, { name: "third", slot: "other" });
await send(3);
results.order = [await left(), seen.map(([name]) => name)];
answers = { first: problem(409, "departure-cancelled") };
await send();
answers = {};
const [old] = await entries();
await outbox.retry(old.number);
results.past = [await left(), old.past, seen.filter(([name]) => name === "first").length];

server.close();
console.log(JSON.stringify(results));
process.exit(0);
