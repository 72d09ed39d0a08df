// The present language: chosen by the person, else by the browser, else Portuguese. Components call
// m() for the catalogue; reading it in a render subscribes them to changes of language.

import { computed, effect, signal } from '@preact/signals';
import { en } from './en.ts';
import { type Catalogue, ptBR } from './pt-BR.ts';

export type Locale = 'pt-BR' | 'en';
export const locales: readonly Locale[] = ['pt-BR', 'en'];

const STORED = 'acolhe.locale';
const catalogues: Record<Locale, Catalogue> = { 'pt-BR': ptBR, en };

/** The first language of the list that we speak; Portuguese if none. */
export function pickLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'pt') return 'pt-BR';
    if (language === 'en') return 'en';
  }
  return 'pt-BR';
}

function isLocale(value: string | null | undefined): value is Locale {
  return value === 'pt-BR' || value === 'en';
}

function stored(): Locale | null {
  try {
    const value = localStorage.getItem(STORED);
    return isLocale(value) ? value : null;
  } catch {
    return null;
  }
}

export const locale = signal<Locale>('pt-BR');
const catalogue = computed(() => catalogues[locale.value]);

export function m(): Catalogue {
  return catalogue.value;
}

export function setLocale(next: Locale): void {
  locale.value = next;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

/** Called once by main: reads the choice and keeps <html lang> true. */
export function startLocale(): void {
  locale.value = stored() ?? pickLocale(navigator.languages);
  effect(() => {
    document.documentElement.lang = locale.value;
  });
}
