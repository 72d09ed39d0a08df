// Finding a doctor: one search for name or specialty, cards instead of tables, all the facts a patient
// needs to choose before asking.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import { m } from '../i18n/index.ts';
import { DoctorIdentity, ReplyLine } from '../parts/doctor-card.tsx';
import { Empty, Failed, Loading, Page, usePaged } from '../parts/page.tsx';
import { href } from '../router.ts';

const SEARCH_AFTER_MS = 350;

export function DoctorsPage(): JSX.Element {
  const words = m().doctors;
  const [typed, setTyped] = useState('');
  const [query, setQuery] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = usePaged(query, (cursor) => api.doctors({ q: query, cursor }));
  const { items } = found;

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
      {found.more}
    </Page>
  );
}
