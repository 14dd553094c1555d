// Service worker of the driver's page: caches the files of this build at once, and the page each time it is fetched.
// It does not handle counts: the page stores and sends them.
//
// A guest network may answer in the server's place, with status 200 and a page of its own. So a file is cached only with the digest that the
// server named, and a page only if it is complete and marked with this build: no error page, no sign-in page, no other site's page.
const { build, files } = self.kept; // written in front by the route: files as [address, digest]
const CACHE = `driver-${build}`;
const PAGE = "/driver";
const MARK = '<meta name="shuttle-page" content="driver';
const PATIENCE = 4000; // ms until the cached page is shown instead

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

// The browser's HTTP cache may hold another site's answer: then it is bypassed.
async function keepFile(cache, address, integrity) {
  const response = await fetch(address, { integrity }).catch(() => fetch(address, { integrity, cache: "reload" }));
  if (!response.ok) throw new TypeError(`${address}: ${response.status}`);
  await cache.put(address, response);
}

// Whether the page is ours; one of this build is cached, since its files are.
async function keepPage(response) {
  if (!response?.ok || response.redirected || !response.headers.get("content-type")?.startsWith("text/html")) return false;
  const text = await response.clone().text();
  if (!text.includes(MARK) || !text.trimEnd().endsWith("</html>")) return false;
  if (text.includes(`${MARK} ${build}">`)) await (await caches.open(CACHE)).put(PAGE, response.clone());
  return true;
}

// The cache of an older build is needed until a page of this build exists: its page names its files.
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
  // 401: the session has ended. The cached day and the counts remain; the page asks to sign in.
  return answer.isOurs ? answer.response : kept;
}

async function file(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) ?? (await caches.match(request)) ?? fetch(request);
}
