// Keeps the driver's page on the phone: files of this build at once, the page itself whenever it was last fetched.
// Counts are not its matter: they wait in the page's own database and are sent by the page.
const CACHE = "driver-{{ build }}";
const PAGE = "/driver";
const FILES = {{ files|tojson }};
const PATIENCE = 4000; // ms until the page from the phone is shown instead of one that does not come

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then(async (cache) => {
      await cache.addAll(FILES);
      await keepPage(cache, await fetch(PAGE, { credentials: "same-origin" }).catch(() => null));
      await self.skipWaiting();
    }),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then(async (names) => {
      const cache = await caches.open(CACHE);
      if (!(await cache.match(PAGE))) {
        const older = await caches.match(PAGE);
        if (older) await cache.put(PAGE, older);
      }
      await Promise.all(names.filter((name) => name.startsWith("driver-") && name !== CACHE).map((name) => caches.delete(name)));
      await self.clients.claim();
    }),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(page(request));
  else if (pathname.startsWith("/static/")) event.respondWith(file(request));
});

// A page for somebody who is signed in is kept; a refusal never replaces it.
async function keepPage(cache, response) {
  if (response && response.ok && !response.redirected) await cache.put(PAGE, response.clone());
}

async function page(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(PAGE);
  const fresh = fetch(request).then(async (response) => {
    await keepPage(cache, response);
    return response;
  });
  if (!kept) return fresh;
  const tooLate = new Promise((resolve) => setTimeout(() => resolve(kept.clone()), PATIENCE));
  const answer = await Promise.race([fresh.catch(() => kept.clone()), tooLate]);
  // 401: the session has ended. The day and the counts are still here; the page itself asks to sign in.
  return answer.ok ? answer : kept.clone();
}

async function file(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) ?? (await caches.match(request)) ?? fetch(request);
}
