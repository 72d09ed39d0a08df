// Where messages are written: the draft is kept with every key, Enter sends at a desk, the emergency notice
// and the time an answer can be expected stand beside it. In edit mode it holds the message being corrected.

import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Conversation, Message } from '../api/types.ts';
import { cleanMessage, scalarLength } from '../format/text.ts';
import { m } from '../i18n/index.ts';
import { drafts, draftsReady, setDraft } from '../outbox/drafts.ts';
import { outbox } from '../outbox/outbox.ts';
import { connection } from '../realtime/socket.ts';
import { sendEdit, sendTyping } from '../realtime/store.ts';
import { clinic, person } from '../session/session.ts';
import { ReplyExpectation } from './doctor-card.tsx';
import { Icon } from './icon.tsx';
import { toast } from './toast.tsx';

const TYPING_EVERY_MS = 3_000;
const SHOW_LEFT_BELOW = 300;

export function SafetyLine({ conversation }: { conversation: Conversation }): JSX.Element {
  const words = m().emergency;
  return (
    <div class="safety" data-testid="safety">
      <p>
        <Icon name="phone" size={16} />
        <span>
          {words.short} <a href="tel:192">{words.samu}</a>. {words.replaces}
        </span>
      </p>
      {person.value?.role === 'patient' && (
        <p>
          <Icon name="clock" size={16} /> <ReplyExpectation practice={conversation.peer} brief />
        </p>
      )}
    </div>
  );
}

export function Composer({
  conversation,
  editing,
  stopEditing,
}: {
  conversation: Conversation;
  editing: Message | null;
  stopEditing: () => void;
}): JSX.Element {
  const words = m().chat;
  const id = conversation.id;
  const limit = clinic.value?.limits.message_chars ?? 4000;
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => drafts.value.get(id) ?? '');
  const [edited, setEdited] = useState('');
  const touched = useRef(false);
  const lastTyping = useRef(0);
  const value = editing ? edited : text;
  const left = limit - scalarLength(value);

  // A draft that was still being read from the device when the page opened.
  const kept = drafts.value.get(id);
  useEffect(() => {
    if (draftsReady.value && !touched.current && kept) setText(kept);
  }, [draftsReady.value, kept]);

  // Before the next key can reach the field.
  useLayoutEffect(() => {
    if (editing) {
      setEdited(editing.text);
      area.current?.focus();
    }
  }, [editing?.seq]);

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight + 2, 192)}px`;
  }, [value]);

  const change = (next: string) => {
    if (editing) {
      setEdited(next);
      return;
    }
    touched.current = true;
    setText(next);
    setDraft(id, next);
    const now = Date.now();
    if (next.trim() && now - lastTyping.current > TYPING_EVERY_MS) {
      lastTyping.current = now;
      sendTyping(id);
    }
  };

  const latestText = useRef(text);
  latestText.current = text;

  const submit = () => {
    const clean = cleanMessage(value);
    if (!clean || scalarLength(clean) > limit) {
      area.current?.focus();
      return;
    }
    if (editing) {
      if (clean !== editing.text && !sendEdit(id, editing.seq, clean)) {
        toast(m().errors.network, 'bad');
        return;
      }
      stopEditing();
      area.current?.focus();
      return;
    }
    // The draft is forgotten only when the outbox has the message on disk.
    void outbox.add(id, clean).then(() => setDraft(id, latestText.current));
    setText('');
    lastTyping.current = 0;
    area.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && editing) {
      stopEditing();
      return;
    }
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    // On a phone Enter breaks the line; the button sends.
    if (matchMedia('(pointer: coarse)').matches && !event.ctrlKey) return;
    event.preventDefault();
    submit();
  };

  return (
    <div class="composer">
      <SafetyLine conversation={conversation} />
      {editing && (
        <div class="editing">
          <Icon name="pencil" size={16} />
          <span>{words.editing}</span>
          <button type="button" class="link-button" onClick={stopEditing}>
            {m().app.cancel}
          </button>
        </div>
      )}
      <form
        class="composer-row"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <label class="sr" for="composer">
          {words.composerTo(conversation.peer.name)}
        </label>
        <textarea
          class="input composer-input"
          id="composer"
          data-testid="composer"
          ref={area}
          rows={1}
          placeholder={words.composer}
          aria-describedby="composer-help"
          value={value}
          autocomplete="off"
          enterkeyhint="enter"
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          class="button send"
          data-testid="send"
          aria-label={editing ? words.editSave : words.send}
        >
          <Icon name={editing ? 'check' : 'send'} size={22} />
        </button>
      </form>
      <p class="sr" id="composer-help">
        {words.sendHelp}
      </p>
      {left < SHOW_LEFT_BELOW && (
        <p class={left < 0 ? 'field-error' : 'muted small'} role="status">
          {left < 0 ? words.over(-left) : words.left(left)}
        </p>
      )}
      {connection.value.is === 'offline' && (
        <p class="muted small offline-help">{m().connection.offlineHelp}</p>
      )}
    </div>
  );
}
