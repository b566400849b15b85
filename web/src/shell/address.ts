// Where one is: PAGE/NAME?QUERY below the page's base, all that a view shows, so that it can be sent to
// a colleague and Back undoes a zoom. Links to pages are followed without loading anything anew.

export type Query = Readonly<Record<string, string>>;

export interface Address {
  /** '' is the desk. */
  readonly page: string;
  /** What the page is of (a line); '' where it is of nothing in particular. */
  readonly name: string;
  readonly query: Query;
}

/** Values of a query to be; null leaves a key out. */
export type QueryParts = Readonly<Record<string, string | number | null>>;

const listeners = new Set<() => void>();

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address that a URL of this page names. */
export function addressOf(url: { pathname: string; search: string }): Address {
  const base = new URL('.', document.baseURI).pathname;
  const path = url.pathname.startsWith(base) ? url.pathname.slice(base.length) : '';
  const [page = '', ...name] = path.split('/');
  const query = Object.fromEntries(new URLSearchParams(url.search));
  return { page: decode(page), name: decode(name.join('/')), query };
}

/** A link to a page, relative to the base. */
export function hrefOf(page: string, name = '', parts: QueryParts = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parts)) {
    if (value !== null) query.set(key, String(value));
  }
  const text = query.toString();
  const path = name === '' ? page : `${page}/${encodeURIComponent(name)}`;
  return `${path === '' ? './' : path}${text === '' ? '' : `?${text}`}`;
}

/** The present address with other values in its query; null takes a key out. */
export function hrefWith(parts: QueryParts): string {
  const { page, name, query } = addressOf(location);
  return hrefOf(page, name, { ...query, ...parts });
}

/** Goes to a link of this page; `replace`: Back does not return here. */
export function go(href: string, replace = false): void {
  const url = new URL(href, document.baseURI);
  if (url.href !== location.href) {
    if (replace) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
  }
  for (const listener of listeners) listener();
}

/** A plain click on a link within the page; the browser has the others. */
function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.hasAttribute('download') || link.target !== '') return;
  const base = new URL('.', document.baseURI).href;
  const below = link.href.slice(base.length);
  if (!link.href.startsWith(base) || /^(api|docs)\b/.test(below)) return;
  event.preventDefault();
  go(link.href);
}

/** Calls the listener after every change of the address, for the life of the page. */
export function watchAddress(listener: () => void): void {
  if (listeners.size === 0) {
    window.addEventListener('popstate', () => {
      for (const one of listeners) one();
    });
    document.addEventListener('click', follow);
  }
  listeners.add(listener);
}
