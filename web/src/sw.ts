// The service worker, written by hand: it keeps the shell (page, script, style, icons) so that the
// client opens without a connection, and never touches the API, so no record is ever cached.

declare const __VERSION__: string;
declare const __SHELL__: string[];

const worker = self as unknown as ServiceWorkerGlobalScope;

const CACHE = `acolhe-shell-${__VERSION__}`;
const NOT_OURS = /^\/(api\/|healthz$|readyz$|metrics$|test\/)/;

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(__SHELL__.map((url) => new Request(url, { cache: 'reload' }))))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('acolhe-shell-') && name !== CACHE)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => worker.clients.claim()),
  );
});

async function shellFirst(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return;
  if (NOT_OURS.test(url.pathname)) return;
  if (request.mode === 'navigate') event.respondWith(shellFirst('/', request));
  else if (__SHELL__.includes(url.pathname)) event.respondWith(shellFirst(url.pathname, request));
});
