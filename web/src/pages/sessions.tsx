// Where the account is open: every session in words a person can recognise, each with a way to end it.

import type { JSX } from 'preact';
import { api } from '../api/endpoints.ts';
import type { SessionInfo } from '../api/types.ts';
import { deviceOf } from '../format/text.ts';
import { fullTime } from '../i18n/dates.ts';
import { m } from '../i18n/index.ts';
import { Icon } from '../parts/icon.tsx';
import { dateContext } from '../parts/now.ts';
import { Failed, Loading, Page, useLoad } from '../parts/page.tsx';
import { problemText } from '../parts/problem.ts';
import { toast } from '../parts/toast.tsx';
import { href } from '../router.ts';

function nameOf(session: SessionInfo): string {
  const words = m().sessions;
  const device = deviceOf(session.user_agent);
  return device ? words.on(device.browser, device.system) : words.unknown;
}

export function SessionsPage(): JSX.Element {
  const words = m().sessions;
  const found = useLoad('sessions', () => api.sessions());
  const when = (at: string) => fullTime(at, dateContext());
  const revoke = async (session: SessionInfo) => {
    try {
      await api.revokeSession(session.id);
      toast(words.ended);
    } catch (error) {
      toast(problemText(error), 'bad');
    }
    found.reload();
  };
  const items = found.value?.items;
  return (
    <Page title={words.title} lead={words.lead} narrow>
      <p>
        <a class="back-link" href={href('account')}>
          <Icon name="back" size={18} /> {m().account.title}
        </a>
      </p>
      {found.failed ? (
        <Failed text={found.failed} retry={found.reload} />
      ) : !items ? (
        <Loading />
      ) : (
        <ul class="plain stack-small">
          {items.map((session) => (
            <li key={session.id} class="card person" data-testid="session">
              <div class="person-text">
                <h2 class="h3">{nameOf(session)}</h2>
                {session.current && <p class="pill pill-good">{words.current}</p>}
                <p class="muted small">
                  {words.lastSeen}: {when(session.last_seen_at)}
                </p>
                <p class="muted small">
                  {words.since}: {when(session.created_at)}
                </p>
                {session.address && (
                  <p class="muted small">
                    {words.address}: {session.address}
                  </p>
                )}
              </div>
              {!session.current && (
                <div class="actions">
                  <button
                    type="button"
                    class="button button-quiet"
                    aria-label={`${words.end}: ${nameOf(session)}`}
                    onClick={() => void revoke(session)}
                  >
                    {words.end}
                  </button>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
      {items?.length === 1 && <p class="muted center">{words.only}</p>}
    </Page>
  );
}
