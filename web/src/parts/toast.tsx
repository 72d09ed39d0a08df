// Short notices at the edge of the screen: said once by a screen reader, gone by themselves, never the
// only place where something important is told.

import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { m } from '../i18n/index.ts';
import { Icon } from './icon.tsx';

type Tone = 'good' | 'bad';

interface Toast {
  id: number;
  text: string;
  tone: Tone;
}

const SHOWN_MS = 7_000;
const toasts = signal<readonly Toast[]>([]);
let next = 1;

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((t) => t.id !== id);
}

export function toast(text: string, tone: Tone = 'good'): void {
  const id = next++;
  toasts.value = [...toasts.value.filter((t) => t.text !== text).slice(-2), { id, text, tone }];
  setTimeout(() => dismiss(id), SHOWN_MS);
}

/** A new version of the client waits for a reload; it stays until it is used or closed. */
export const updateReady = signal(false);

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((t) => (
        <div key={t.id} class={`toast toast-${t.tone}`}>
          <Icon name={t.tone === 'good' ? 'done' : 'alert'} />
          <p>{t.text}</p>
          <button type="button" class="icon-button" onClick={() => dismiss(t.id)}>
            <Icon name="close" />
            <span class="sr">{m().app.close}</span>
          </button>
        </div>
      ))}
      {updateReady.value && (
        <div class="toast toast-good">
          <Icon name="done" />
          <p>{m().app.newVersion}</p>
          <button type="button" class="button button-small" onClick={() => location.reload()}>
            {m().app.reload}
          </button>
          <button
            type="button"
            class="icon-button"
            onClick={() => {
              updateReady.value = false;
            }}
          >
            <Icon name="close" />
            <span class="sr">{m().app.close}</span>
          </button>
        </div>
      )}
    </div>
  );
}
