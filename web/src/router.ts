// A small typed router over the history API. Matching is pure (and tested without a browser); the
// rest keeps one signal with the present place, and puts focus and scroll where a reader expects
// them after a navigation.

import { signal } from '@preact/signals';
import { type RouteName, routes } from './routes.ts';

export interface Place {
  readonly name: RouteName;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly path: string;
}

/** Matches one pattern against one path. Returns the parameters, or null. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split('/').filter(Boolean);
  const have = path.split('/').filter(Boolean);
  if (want.length !== have.length) return null;
  const params: Record<string, string> = {};
  for (let i = 0; i < want.length; i++) {
    const part = want[i] as string;
    const value = have[i] as string;
    if (part.startsWith(':')) {
      try {
        params[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (part !== value) return null;
  }
  return params;
}

/** Finds the page for a path and a query ("?a=b"); unknown paths are the not-found page. */
export function resolvePlace(path: string, search = ''): Place {
  const query = new URLSearchParams(search);
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params) return { name: route.name, params, query, path };
  }
  return { name: 'notFound', params: {}, query, path };
}

/** Builds the address of a page. */
export function href(
  name: RouteName,
  params: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, string>> = {},
): string {
  const route = routes.find((r) => r.name === name);
  const path = (route?.path ?? '/').replace(/:(\w+)/g, (_, key: string) =>
    encodeURIComponent(params[key] ?? ''),
  );
  const search = new URLSearchParams(query).toString();
  return search ? `${path}?${search}` : path;
}

/** Only a path of this site may be returned to after sign-in, never another origin. */
export function safeReturn(path: string | null | undefined): string | null {
  if (!path || !/^\/(?![/\\])/.test(path) || path.includes('\\')) return null;
  const { name } = resolvePlace(path.split(/[?#]/)[0] ?? '/');
  return name === 'signIn' || name === 'signUp' || name === 'setPassword' || name === 'notFound'
    ? null
    : path;
}

export const place = signal<Place>(resolvePlace('/'));

function readLocation(): void {
  place.value = resolvePlace(location.pathname, location.search);
}

/** Starts listening; called once by main. */
export function startRouter(): void {
  readLocation();
  addEventListener('popstate', readLocation);
}

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (to === location.pathname + location.search) return;
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  readLocation();
  scrollTo(0, 0);
}

/** For the click handler of links: leaves new-tab clicks and downloads to the browser. */
export function followLink(event: MouseEvent): void {
  const anchor = (event.target as Element | null)?.closest?.('a');
  if (!anchor || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (anchor.target || anchor.hasAttribute('download') || anchor.origin !== location.origin) return;
  const to = anchor.pathname + anchor.search;
  if (anchor.hash && to === location.pathname + location.search) return;
  if (resolvePlace(anchor.pathname).name === 'notFound') return;
  event.preventDefault();
  navigate(to);
}
