// Dialogs on the browser's own <dialog>: it traps the focus, closes with Esc and gives the focus back.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { m } from '../i18n/index.ts';
import { Icon } from './icon.tsx';
import { problemText } from './problem.ts';

export function Dialog({
  title,
  onClose,
  children,
  role,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  role?: 'alertdialog';
}): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = box.current;
    const before = document.activeElement as HTMLElement | null;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before?.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      class="dialog"
      ref={box}
      {...(role ? { role } : {})}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}

/** A question before something that changes things for somebody. */
export function Confirm({
  title,
  text,
  action,
  danger,
  onConfirm,
  onClose,
}: {
  title: string;
  text: string;
  action: string;
  danger?: boolean;
  onConfirm: () => Promise<void> | void;
  onClose: () => void;
}): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const confirm = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      {problem && (
        <p class="field-error" role="alert">
          <Icon name="alert" size={16} /> {problem}
        </p>
      )}
      <div class="actions">
        <button
          type="button"
          class={danger ? 'button button-danger' : 'button'}
          aria-disabled={busy}
          onClick={confirm}
        >
          {action}
        </button>
        <button type="button" class="button button-quiet" onClick={onClose}>
          {m().app.cancel}
        </button>
      </div>
    </Dialog>
  );
}
