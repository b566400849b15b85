// Dark or light: the system's wish until the person at the page chooses. Canvases do not
// follow CSS, so views that paint are told when the colours change.

export type Theme = 'dark' | 'light';
const STORAGE_KEY = 'flapline.theme';
const system = matchMedia('(prefers-color-scheme: light)');
const listeners = new Set<() => void>();

function chosen(): Theme | null {
  const kept = localStorage.getItem(STORAGE_KEY);
  return kept === 'dark' || kept === 'light' ? kept : null;
}

export function theme(): Theme {
  return chosen() ?? (system.matches ? 'light' : 'dark');
}

function apply(): void {
  document.documentElement.dataset['theme'] = theme();
  for (const listener of listeners) listener();
}

export function startTheme(): void {
  system.addEventListener('change', apply);
  apply();
}

export function switchTheme(): void {
  localStorage.setItem(STORAGE_KEY, theme() === 'dark' ? 'light' : 'dark');
  apply();
}

/** Calls the listener after every change of colours, until ended. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The value of a CSS custom property of the page, for painting. */
export function cssColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The page's font at a size in CSS pixels, for painting. */
export function cssFont(pixels: number): string {
  return `${Math.round(pixels)}px ${getComputedStyle(document.body).fontFamily}`;
}

/** The root font size in CSS pixels: what one rem is. */
export function remPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}
