// Keeps the driver's page on the phone: files of this build at once, the page itself whenever it was last fetched.
// Counts are not its matter: they wait in the page's own database and are sent by the page.
//
// A guest network answers for us, with status 200 and a page of its own. So a file is kept only with the digest that the server named,
// and a page only when it is whole and carries the mark of this build: no error, no sign-in page, nothing of a stranger's.
const { build, files } = self.kept; // the route writes it in front: files as [address, digest]
const CACHE = `driver-${build}`;
const PAGE = "/driver";
const MARK = '<meta name="shuttle-page" content="driver';
const PATIENCE = 4000; // ms until the page from the phone is shown instead of one that does not come

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then(async (cache) => {
      await Promise.all(files.map(([address, integrity]) => keepFile(cache, address, integrity)));
      await keepPage(await fetch(PAGE, { credentials: "same-origin" }).catch(() => null));
      await self.skipWaiting();
    }),
  );
});

self.addEventListener("activate", (event) => event.waitUntil(forgetOlder().then(() => self.clients.claim())));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(page(request));
  else if (pathname.startsWith("/static/")) event.respondWith(file(request));
});

// The browser's own cache may hold what a stranger answered: then it is passed by.
async function keepFile(cache, address, integrity) {
  const response = await fetch(address, { integrity }).catch(() => fetch(address, { integrity, cache: "reload" }));
  if (!response.ok) throw new TypeError(`${address}: ${response.status}`);
  await cache.put(address, response);
}

// Whether the page is ours; one of this build is kept, since its files are.
async function keepPage(response) {
  if (!response?.ok || response.redirected || !response.headers.get("content-type")?.startsWith("text/html")) return false;
  const text = await response.clone().text();
  if (!text.includes(MARK) || !text.trimEnd().endsWith("</html>")) return false;
  if (text.includes(`${MARK} ${build}">`)) await (await caches.open(CACHE)).put(PAGE, response.clone());
  return true;
}

// What an older build kept is needed until there is a page of this one: its page names its files.
async function forgetOlder() {
  if (!(await (await caches.open(CACHE)).match(PAGE))) return;
  const names = (await caches.keys()).filter((name) => name.startsWith("driver-") && name !== CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function page(request) {
  const kept = (await (await caches.open(CACHE)).match(PAGE)) ?? (await caches.match(PAGE));
  const fresh = fetch(request).then(async (response) => {
    const isOurs = await keepPage(response);
    if (isOurs) await forgetOlder();
    return { response, isOurs };
  });
  if (!kept) return (await fresh).response;
  const tooLate = new Promise((resolve) => setTimeout(resolve, PATIENCE, { isOurs: false }));
  const answer = await Promise.race([fresh.catch(() => ({ isOurs: false })), tooLate]);
  // 401: the session has ended. The day and the counts are still here; the page itself asks to sign in.
  return answer.isOurs ? answer.response : kept;
}

async function file(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) ?? (await caches.match(request)) ?? fetch(request);
}
