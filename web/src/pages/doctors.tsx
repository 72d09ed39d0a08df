// Finding a doctor: one search for name or specialty, cards instead of tables, all the facts a patient
// needs to choose before asking.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import type { Doctor } from '../api/types.ts';
import { m } from '../i18n/index.ts';
import { DoctorIdentity, ReplyLine } from '../parts/doctor-card.tsx';
import { Icon } from '../parts/icon.tsx';
import { Empty, Failed, Loading, Page, useLoad } from '../parts/page.tsx';
import { problemText } from '../parts/problem.ts';
import { toast } from '../parts/toast.tsx';
import { href } from '../router.ts';

const SEARCH_AFTER_MS = 350;

export function DoctorsPage(): JSX.Element {
  const words = m().doctors;
  const [typed, setTyped] = useState('');
  const [query, setQuery] = useState('');
  const [more, setMore] = useState<Doctor[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useLoad(query, async () => {
    const page = await api.doctors({ q: query });
    setMore([]);
    setCursor(page.next_cursor);
    return page.items;
  });
  const items = [...(found.value ?? []), ...more];

  const loadMore = async () => {
    try {
      const page = await api.doctors({ q: query, cursor });
      setMore((old) => [...old, ...page.items]);
      setCursor(page.next_cursor);
    } catch (error) {
      toast(problemText(error), 'bad');
    }
  };

  return (
    <Page title={words.title} lead={words.lead}>
      <form class="search-bar" role="search" onSubmit={(event) => event.preventDefault()}>
        <div class="field field-grow">
          <label for="doctor-search">{words.search}</label>
          <p class="help" id="doctor-search-help">
            {words.searchHelp}
          </p>
          <input
            class="input"
            id="doctor-search"
            type="search"
            autocomplete="off"
            maxLength={100}
            aria-describedby="doctor-search-help"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
      </form>
      <p class="sr" role="status">
        {found.value && !found.busy ? words.found(items.length) : ''}
      </p>
      {found.failed ? (
        <Failed text={found.failed} retry={found.reload} />
      ) : !found.value ? (
        <Loading />
      ) : items.length === 0 ? (
        <Empty
          icon="doctor"
          title={query ? words.none : words.empty}
          text={query ? words.noneHelp : words.emptyHelp}
        >
          {query && (
            <button type="button" class="button button-quiet" onClick={() => setTyped('')}>
              {words.all}
            </button>
          )}
        </Empty>
      ) : (
        <ul class="plain cards">
          {items.map((doctor) => (
            <li key={doctor.id} class="card doctor-card">
              <DoctorIdentity
                doctor={doctor}
                heading={
                  <h2>
                    <a class="card-link" href={href('doctor', { id: doctor.id })}>
                      {doctor.name}
                    </a>
                  </h2>
                }
              />
              <ReplyLine practice={doctor} />
            </li>
          ))}
        </ul>
      )}
      {cursor && (
        <p class="center">
          <button type="button" class="button button-quiet" onClick={() => void loadMore()}>
            <Icon name="down" /> {m().app.more}
          </button>
        </p>
      )}
    </Page>
  );
}
