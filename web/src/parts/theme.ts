// Light or dark: the device's choice unless the person made one here.

import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const STORED = 'acolhe.theme';
export const theme = signal<Theme>('system');

export function setTheme(next: Theme): void {
  theme.value = next;
  try {
    if (next === 'system') localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, next);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

export function startTheme(): void {
  try {
    const kept = localStorage.getItem(STORED);
    if (kept === 'light' || kept === 'dark') theme.value = kept;
  } catch {
    // See above.
  }
  effect(() => {
    const root = document.documentElement;
    if (theme.value === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme.value;
  });
}
