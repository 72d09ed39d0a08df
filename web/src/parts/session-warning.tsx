// The warning before a session ends: at least a minute ahead, one key to stay, and the promise that
// what was being written is kept.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { m } from '../i18n/index.ts';
import { ending, endSession, extendSession, signOut } from '../session/session.ts';
import { Dialog } from './dialog.tsx';
import { problemText } from './problem.ts';

export function SessionWarning(): JSX.Element | null {
  return ending.value ? <Warning /> : null;
}

function Warning(): JSX.Element | null {
  const [problem, setProblem] = useState<string | null>(null);
  const state = ending.value;
  const words = m().session;
  // Spoken at the start and at the last seconds, not every second.
  const [spoken, setSpoken] = useState(state?.leftS ?? 0);
  useEffect(() => {
    if (state && (state.leftS === 30 || state.leftS === 10)) setSpoken(state.leftS);
  }, [state?.leftS]);
  if (!state) return null;
  const idle = state.kind === 'idle';
  const stay = () => {
    if (!idle) return endSession('expired');
    extendSession().catch((error) => setProblem(problemText(error)));
  };
  const leave = () => {
    signOut().catch(() => endSession('signedOut'));
  };
  return (
    <Dialog title={words.title} role="alertdialog" onClose={idle ? stay : () => {}}>
      <p aria-hidden="true" data-testid="session-warning">
        {idle ? words.text(state.leftS) : words.absolute(state.leftS)}
      </p>
      <p class="sr" role="status">
        {idle ? words.text(spoken) : words.absolute(spoken)}
      </p>
      <p class="muted">{words.draft}</p>
      {problem && (
        <p class="field-error" role="alert">
          {problem}
        </p>
      )}
      <div class="actions">
        <button type="button" class="button" onClick={stay}>
          {idle ? words.stay : words.again}
        </button>
        <button type="button" class="button button-quiet" onClick={leave}>
          {words.leave}
        </button>
      </div>
    </Dialog>
  );
}
