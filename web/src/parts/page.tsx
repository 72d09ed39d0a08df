// The frame of a page: its title in the tab and in the h1 (which takes the focus after a navigation),
// and the states every page has besides its content: loading, empty, failed.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Page as ListPage } from '../api/types.ts';
import { m } from '../i18n/index.ts';
import { place } from '../router.ts';
import { Icon, type IconName } from './icon.tsx';
import { problemText } from './problem.ts';
import { toast } from './toast.tsx';

let shownPath: string | null = null;

/** Sets document.title and, when the path changed since the last page, moves the focus to the h1. */
export function usePageTitle(title: string): { current: HTMLHeadingElement | null } {
  const heading = useRef<HTMLHeadingElement>(null);
  const { path } = place.value;
  useEffect(() => {
    document.title = `${title} · Acolhe`;
  }, [title]);
  // Before the next key press, or a quick reader's focus would be taken away again.
  useLayoutEffect(() => {
    if (shownPath !== null && shownPath !== path) heading.current?.focus({ preventScroll: true });
    shownPath = path;
  }, [path]);
  return heading;
}

export function Page({
  title,
  lead,
  children,
  actions,
  narrow,
}: {
  title: string;
  lead?: string | undefined;
  children: ComponentChildren;
  actions?: ComponentChildren;
  narrow?: boolean;
}): JSX.Element {
  const heading = usePageTitle(title);
  return (
    <div class={narrow ? 'page page-narrow' : 'page'}>
      <header class="page-head">
        <div>
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {actions}
      </header>
      {children}
    </div>
  );
}

/** Words first: a spinner alone says nothing. */
export function Loading({ text }: { text?: string }): JSX.Element {
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      {text ?? m().app.loading}
    </p>
  );
}

export function Empty({
  icon,
  title,
  text,
  children,
}: {
  icon: IconName;
  title: string;
  text?: string | undefined;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} size={28} />
      </span>
      <p class="empty-title">{title}</p>
      {text && <p class="muted">{text}</p>}
      {children}
    </div>
  );
}

export function Failed({ text, retry }: { text: string; retry: () => void }): JSX.Element {
  return (
    <div class="empty" role="alert">
      <span class="empty-icon empty-bad">
        <Icon name="alert" size={28} />
      </span>
      <p>{text}</p>
      <button type="button" class="button button-quiet" onClick={retry}>
        {m().app.tryAgain}
      </button>
    </div>
  );
}

export interface Loaded<T> {
  value: T | null;
  failed: string | null;
  busy: boolean;
  reload: () => void;
  set: (value: T) => void;
}

/** Loads something when the page opens or when `key` changes; only the newest answer counts. */
export function useLoad<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [value, set] = useState<T | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [busy, setBusy] = useState(true);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    setBusy(true);
    setFailed(null);
    load()
      .then(
        (next) => current && set(next),
        (error) => current && setFailed(problemText(error)),
      )
      .finally(() => current && setBusy(false));
    return () => {
      current = false;
    };
  }, [key, round]);
  return { value, failed, busy, reload: () => setRound((n) => n + 1), set };
}

export interface Paged<T> extends Loaded<T[]> {
  /** Everything loaded so far. */
  items: T[];
  /** The way to the next page, if there is one. */
  more: JSX.Element | null;
}

/** A list that grows by pages; `key` changes when its filters do. */
export function usePaged<T>(
  key: string,
  load: (cursor: string | null) => Promise<ListPage<T>>,
): Paged<T> {
  const [cursor, setCursor] = useState<string | null>(null);
  const take = async (from: string | null): Promise<T[]> => {
    const page = await load(from);
    setCursor(page.next_cursor);
    return page.items;
  };
  const list = useLoad(key, () => take(null));
  const items = list.value ?? [];
  const grow = () =>
    take(cursor).then(
      (next) => list.set([...items, ...next]),
      (error) => toast(problemText(error), 'bad'),
    );
  const more = cursor ? (
    <p class="center">
      <button type="button" class="button button-quiet" onClick={() => void grow()}>
        <Icon name="down" /> {m().app.more}
      </button>
    </p>
  ) : null;
  return { ...list, items, more };
}
