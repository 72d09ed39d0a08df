// Search within one conversation: results newest first, each leading to its place in the log.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import type { Conversation, MessagePage } from '../api/types.ts';
import { fullTime } from '../i18n/dates.ts';
import { m } from '../i18n/index.ts';
import { person } from '../session/session.ts';
import { Icon } from './icon.tsx';
import { dateContext } from './now.ts';
import { problemText } from './problem.ts';

const SEARCH_AFTER_MS = 350;
const SNIPPET = 90;

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The part of a text around the first match. */
function snippet(text: string, query: string): string {
  const at = fold(text).indexOf(fold(query));
  const start = Math.max(0, at - SNIPPET / 2);
  const cut = text.slice(start, start + SNIPPET * 2);
  return (start > 0 ? '…' : '') + cut + (start + SNIPPET * 2 < text.length ? '…' : '');
}

export function ChatSearch({
  conversation,
  onPick,
  onClose,
}: {
  conversation: Conversation;
  onPick: (seq: number) => void;
  onClose: () => void;
}): JSX.Element {
  const words = m().chat;
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [result, setResult] = useState<MessagePage | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const query = typed.trim();
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    setProblem(null);
    if ([...query].length < 2) {
      setResult(null);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      api.searchMessages(conversation.id, query).then(
        (page) => current && setResult(page),
        (error) => current && setProblem(problemText(error)),
      );
    }, SEARCH_AFTER_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query, conversation.id]);
  return (
    <section
      class="chat-search"
      aria-label={words.search}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <form class="chat-search-row" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="sr" for="chat-search">
          {words.search}
        </label>
        <input
          class="input"
          id="chat-search"
          type="search"
          ref={input}
          value={typed}
          maxLength={100}
          autocomplete="off"
          placeholder={words.search}
          aria-describedby="chat-search-help"
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="button" class="icon-button" onClick={onClose}>
          <Icon name="close" />
          <span class="sr">{words.searchClose}</span>
        </button>
      </form>
      <p class="muted small" id="chat-search-help" role="status">
        {problem ??
          (result ? words.searchFound(result.items.length, result.has_more) : words.searchHelp)}
      </p>
      {result && result.items.length > 0 && (
        <ul class="plain results">
          {result.items.map((found) => (
            <li key={found.seq}>
              <button type="button" class="result" onClick={() => onPick(found.seq)}>
                <span class="muted small">
                  {found.from === person.value?.id ? m().app.you : conversation.peer.name} ·{' '}
                  {fullTime(found.at, dateContext())}
                </span>
                <span>{snippet(found.text, query)}</span>
                <span class="sr">{words.goTo}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
