// The state of the connection, always in words. The visible text may count down; screen readers are told
// only of changes, by a region of its own that never leaves the page.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { m } from '../i18n/index.ts';
import { type ConnectionState, connection, realtime } from '../realtime/socket.ts';
import { Icon } from './icon.tsx';

function words(state: ConnectionState): string {
  const c = m().connection;
  switch (state.is) {
    case 'idle':
    case 'connecting':
      return c.connecting;
    case 'connected':
      return state.back ? c.back : c.connected;
    case 'waiting':
      return c.lost;
    case 'offline':
      return c.offline;
  }
}

/** What tests and styles read: one word. */
function stateName(state: ConnectionState): string {
  if (state.is === 'connected') return state.back ? 'back' : 'connected';
  if (state.is === 'waiting') return 'retrying';
  return state.is === 'idle' ? 'connecting' : state.is;
}

function Countdown({ until }: { until: number }): JSX.Element {
  const left = () => Math.max(0, Math.ceil((until - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    const timer = setInterval(() => setSeconds(left()), 500);
    return () => clearInterval(timer);
  }, [until]);
  return <>{seconds > 0 ? m().connection.retryIn(seconds) : m().connection.retrying}</>;
}

export function Connection({ strip }: { strip?: boolean }): JSX.Element {
  const state = connection.value;
  const bad = state.is === 'waiting' || state.is === 'offline';
  return (
    <div
      class={strip ? 'connection connection-strip' : 'connection'}
      data-testid="connection"
      data-state={stateName(state)}
    >
      {bad ? <Icon name="alert" size={16} /> : <span class="dot" aria-hidden="true" />}
      <span>
        <span class="connection-word">{words(state)}</span>
        {state.is === 'waiting' && (
          <span class="connection-more">
            {' · '}
            <Countdown until={state.until} />
          </span>
        )}
      </span>
      {state.is === 'waiting' && (
        <button type="button" class="link-button" onClick={realtime.tryNow}>
          {m().connection.tryNow}
        </button>
      )}
    </div>
  );
}

/** Tells screen readers of changes; the first connection is not news. */
export function ConnectionAnnouncer(): JSX.Element {
  const state = connection.value;
  const [text, setText] = useState('');
  const name = stateName(state);
  useEffect(() => {
    if (name === 'retrying') setText(m().connection.lost);
    else if (name === 'offline') {
      setText(`${m().connection.offline}. ${m().connection.offlineHelp}`);
    } else if (name === 'back') setText(m().connection.back);
  }, [name]);
  return (
    <div class="sr" role="status">
      {text}
    </div>
  );
}
