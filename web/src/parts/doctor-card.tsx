// A doctor as the law and a patient want to see one: name, "MÉDICO(A)", CRM/UF, specialties with their
// RQE, when the practice answers and how soon. Hours, never presence.

import type { JSX } from 'preact';
import type { Doctor, Peer } from '../api/types.ts';
import { hoursLines, replyTime } from '../format/hours.ts';
import { sameOffset, whenNext } from '../i18n/dates.ts';
import { m } from '../i18n/index.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { dateContext, now } from './now.ts';

type Practice = Pick<
  Peer,
  'hours' | 'timezone' | 'usual_reply_minutes' | 'open_now' | 'next_open_at'
>;

export function DoctorIdentity({
  doctor,
  heading,
}: {
  doctor: Doctor;
  heading: JSX.Element;
}): JSX.Element {
  const words = m().doctors;
  return (
    <div class="doctor-identity">
      <Avatar name={doctor.name} id={doctor.id} large />
      <div>
        {heading}
        <p class="doctor-title">
          {words.title2} · {words.crm(doctor.crm, doctor.uf)}
        </p>
        {doctor.specialties.length > 0 && (
          <p class="muted">
            {doctor.specialties
              .map((s) => (s.rqe ? `${s.name} (${words.rqe(s.rqe)})` : s.name))
              .join(', ')}
          </p>
        )}
      </div>
    </div>
  );
}

/** One sentence or two about when an answer can be expected. */
export function ReplyExpectation({
  practice,
  brief,
}: {
  practice: Practice;
  brief?: boolean;
}): JSX.Element | null {
  const words = m().hours;
  const reply = replyTime(practice.usual_reply_minutes, m());
  if (practice.open_now) {
    return (
      <span>
        {words.openNow}. {reply}
      </span>
    );
  }
  if (practice.next_open_at) {
    return (
      <span>
        {!brief && `${words.closedNow}. `}
        {words.opens(whenNext(practice.next_open_at, dateContext(), practice.timezone))}{' '}
        {!brief && reply}
      </span>
    );
  }
  return reply ? <span>{reply}</span> : null;
}

export function HoursTable({ practice }: { practice: Practice }): JSX.Element {
  const words = m();
  const lines = hoursLines(practice.hours ?? [], words);
  if (lines.length === 0) return <p class="muted">{words.doctors.noHours}</p>;
  const zone = practice.timezone;
  return (
    <>
      <dl class="hours">
        {lines.map((line) => (
          <div key={line.days}>
            <dt>{line.days}</dt>
            <dd>{line.spans}</dd>
          </div>
        ))}
      </dl>
      {zone && !sameOffset(now.value, undefined, zone) && (
        <p class="muted small">{words.hours.zone(zone.replace(/_/g, ' '))}</p>
      )}
    </>
  );
}

export function ReplyLine({ practice }: { practice: Practice }): JSX.Element {
  return (
    <p class="with-icon small">
      <Icon name="clock" size={18} /> <ReplyExpectation practice={practice} />
    </p>
  );
}
