// Verifying doctors by hand: those who wait come first, and each step asks once more, because it decides
// whom patients can trust.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import type { User } from '../api/types.ts';
import { m } from '../i18n/index.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { Failed, Loading, Page, useLoad } from '../parts/page.tsx';
import { toast } from '../parts/toast.tsx';

async function allDoctors(verified: boolean): Promise<User[]> {
  const items: User[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof api.users>> = await api.users({
      role: 'doctor',
      verified: String(verified),
      cursor,
    });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}

function DoctorRow({ user, act }: { user: User; act: () => void }): JSX.Element {
  const words = m().admin.doctors;
  const doctor = user.doctor;
  const verified = doctor?.verified === true;
  return (
    <li class="card person" data-testid="doctor" data-verified={String(verified)}>
      <Avatar name={user.display_name} id={user.id} />
      <div class="person-text">
        <h3>{user.display_name}</h3>
        {doctor && <p class="strong small">{m().doctors.crm(doctor.crm, doctor.uf)}</p>}
        <p class="muted small">{user.email}</p>
        {doctor && doctor.specialties.length > 0 && (
          <p class="muted small">
            {doctor.specialties
              .map((s) => (s.rqe ? `${s.name} (${m().doctors.rqe(s.rqe)})` : s.name))
              .join(', ')}
          </p>
        )}
        {user.state === 'disabled' && <p class="pill pill-warn">{m().admin.users.disabled}</p>}
      </div>
      <div class="actions">
        <button
          type="button"
          class={verified ? 'button button-quiet button-small' : 'button'}
          aria-label={`${verified ? words.unverify : words.verify}: ${user.display_name}`}
          onClick={act}
        >
          {!verified && <Icon name="verified" />} {verified ? words.unverify : words.verify}
        </button>
      </div>
    </li>
  );
}

export function AdminDoctorsPage(): JSX.Element {
  const words = m().admin.doctors;
  const [asking, setAsking] = useState<User | null>(null);
  const found = useLoad('doctors', async () => ({
    pending: await allDoctors(false),
    verified: await allDoctors(true),
  }));
  const lists = found.value;
  const verified = asking?.doctor?.verified === true;
  const group = (title: string, items: User[], none: string) => (
    <section class="stack-small">
      <h2>{title}</h2>
      {items.length === 0 ? (
        <p class="muted">{none}</p>
      ) : (
        <ul class="plain stack-small">
          {items.map((user) => (
            <DoctorRow key={user.id} user={user} act={() => setAsking(user)} />
          ))}
        </ul>
      )}
    </section>
  );
  return (
    <Page title={words.title} lead={words.lead}>
      {found.failed ? (
        <Failed text={found.failed} retry={found.reload} />
      ) : !lists ? (
        <Loading />
      ) : (
        <>
          {group(words.pending, lists.pending, words.nonePending)}
          {group(words.verified, lists.verified, words.noneVerified)}
        </>
      )}
      {asking && (
        <Confirm
          title={
            verified
              ? words.unverifyTitle(asking.display_name)
              : words.verifyTitle(asking.display_name)
          }
          text={
            verified
              ? words.unverifyText
              : words.verifyText(m().doctors.crm(asking.doctor?.crm ?? '', asking.doctor?.uf ?? ''))
          }
          action={verified ? words.unverify : words.verify}
          danger={verified}
          onConfirm={async () => {
            if (verified) await api.unverifyDoctor(asking.id);
            else await api.verifyDoctor(asking.id);
            toast(words.done);
            found.reload();
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </Page>
  );
}
