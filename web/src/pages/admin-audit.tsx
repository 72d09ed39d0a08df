// The audit trail, newest first: a table on a wide screen, cards on a phone, both the same markup.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import type { AuditRow } from '../api/types.ts';
import { fullTime } from '../i18n/dates.ts';
import { m } from '../i18n/index.ts';
import { dateContext } from '../parts/now.ts';
import { Empty, Failed, Loading, Page, usePaged } from '../parts/page.tsx';

type Filters = Record<'action' | 'actor' | 'from' | 'to', string>;
const NONE: Filters = { action: '', actor: '', from: '', to: '' };

/** A day typed by the admin, as the first or last moment of it in the viewer's zone. */
function moment(day: string, end: boolean): string | undefined {
  if (!day) return undefined;
  const at = new Date(`${day}T${end ? '23:59:59.999' : '00:00:00.000'}`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

function query(filters: Filters, cursor: string | null) {
  const from = moment(filters.from, false);
  const to = moment(filters.to, true);
  return {
    action: filters.action.trim(),
    actor: filters.actor.trim(),
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
    cursor,
  };
}

function detailText(detail: unknown): string {
  if (detail === null || detail === undefined || detail === '') return '';
  return typeof detail === 'string' ? detail : JSON.stringify(detail);
}

function Row({ row }: { row: AuditRow }): JSX.Element {
  const words = m().admin.audit;
  return (
    <tr>
      <td data-label={words.when}>
        <time dateTime={row.at}>{fullTime(row.at, dateContext())}</time>
      </td>
      <td data-label={words.who} class="mono">
        {row.actor ?? words.nobody}
      </td>
      <td data-label={words.what}>
        <div>
          {row.action}
          {detailText(row.detail) && <span class="muted"> {detailText(row.detail)}</span>}
        </div>
      </td>
      <td data-label={words.object} class="mono">
        {row.object_type} {row.object_id}
      </td>
      <td data-label={words.outcome}>{row.outcome}</td>
      <td data-label={words.address} class="mono">
        {row.address}
      </td>
    </tr>
  );
}

export function AdminAuditPage(): JSX.Element {
  const words = m().admin.audit;
  const [typed, setTyped] = useState(NONE);
  const [filters, setFilters] = useState(NONE);
  const found = usePaged(JSON.stringify(filters), (cursor) => api.audit(query(filters, cursor)));
  const rows = found.items;
  const field = (name: keyof Filters, label: string, type: string) => (
    <div class="field">
      <label for={`audit-${name}`}>{label}</label>
      <input
        class="input"
        id={`audit-${name}`}
        type={type}
        autocomplete="off"
        value={typed[name]}
        onInput={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
      />
    </div>
  );
  return (
    <Page title={words.title} lead={words.lead}>
      <form
        class="search-bar"
        onSubmit={(event) => {
          event.preventDefault();
          setFilters(typed);
        }}
      >
        {field('action', words.action, 'search')}
        {field('actor', words.actor, 'search')}
        {field('from', words.from, 'date')}
        {field('to', words.to, 'date')}
        <button type="submit" class="button">
          {words.filter}
        </button>
        <button
          type="button"
          class="button button-quiet"
          onClick={() => {
            setTyped(NONE);
            setFilters(NONE);
          }}
        >
          {words.clear}
        </button>
      </form>
      {found.failed ? (
        <Failed text={found.failed} retry={found.reload} />
      ) : !found.value ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Empty icon="audit" title={words.none} />
      ) : (
        <table class="audit">
          <caption class="sr">{words.caption}</caption>
          <thead>
            <tr>
              <th scope="col">{words.when}</th>
              <th scope="col">{words.who}</th>
              <th scope="col">{words.what}</th>
              <th scope="col">{words.object}</th>
              <th scope="col">{words.outcome}</th>
              <th scope="col">{words.address}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={`${row.node}-${row.seq}`} row={row} />
            ))}
          </tbody>
        </table>
      )}
      {found.more}
    </Page>
  );
}
