// IndexedDB of the phone: tallies (the current count of a departure and stop) and the outbox (entries to send).
// A value is written before it is shown as saved, so that a closed page or an empty battery loses nothing.

const NAME = "shuttle-driver";

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("tallies", { keyPath: "slot" });
      request.result.createObjectStore("outbox", { keyPath: "number", autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

let database;

// Runs `work(stores)` in one transaction; resolves with its result when the transaction is on disk.
export async function transaction(names, work) {
  database ??= opened();
  const db = await database;
  return new Promise((resolve, reject) => {
    const running = db.transaction(names, "readwrite", { durability: "strict" });
    let result;
    running.oncomplete = () => resolve(result);
    running.onabort = () => reject(running.error);
    const stores = Object.fromEntries(names.map((name) => [name, running.objectStore(name)]));
    Promise.resolve(work(stores)).then(
      (value) => (result = value),
      (error) => {
        try {
          running.abort();
        } catch {
          // it was already finished
        }
        reject(error);
      },
    );
  });
}

export function ask(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// A random UUID (RFC 9562 version 4) as idempotency key. crypto.randomUUID does not exist on a page without TLS.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
