// The doctor's practice as patients see it: weekly hours with breaks, the usual reply time, the zone and
// a few words about the person.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../api/endpoints.ts';
import type { Doctor, OfficeHours, User } from '../api/types.ts';
import { parseClock } from '../format/clock.ts';
import { dayProblem } from '../format/hours.ts';
import { m } from '../i18n/index.ts';
import { SelectField, SubmitButton, Summary, TextArea, useForm } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { toast } from '../parts/toast.tsx';
import { clinic, person, replaceUser } from '../session/session.ts';

const REPLY_MINUTES = [15, 30, 60, 120, 240, 480, 1440, 2880];
const ABOUT_LIMIT = 1000;
// Brazil's four legal times; the practice's own zone is always offered besides.
const ZONES = ['America/Noronha', 'America/Sao_Paulo', 'America/Manaus', 'America/Rio_Branco'];
const DAYS = [1, 2, 3, 4, 5, 6, 7];

function replyLabel(minutes: number): string {
  const words = m().practice;
  if (minutes < 60) return words.minutes(minutes);
  return minutes < 1440 ? words.hoursN(minutes / 60) : words.daysN(minutes / 1440);
}

type Week = Record<number, OfficeHours[]>;

function weekOf(hours: readonly OfficeHours[]): Week {
  const week: Week = {};
  for (const day of DAYS) week[day] = hours.filter((h) => h.weekday === day);
  return week;
}

function ClockInput({
  label,
  value,
  wrong,
  change,
}: {
  label: string;
  value: string;
  wrong: boolean;
  change: (value: string) => void;
}): JSX.Element {
  return (
    <input
      class="input"
      inputMode="numeric"
      autocomplete="off"
      maxLength={5}
      placeholder="08:00"
      value={value}
      aria-label={label}
      aria-invalid={wrong ? 'true' : undefined}
      onInput={(event) => change(event.currentTarget.value)}
      onBlur={(event) => change(parseClock(event.currentTarget.value) ?? event.currentTarget.value)}
    />
  );
}

function DayEditor({
  day,
  spans,
  checked,
  change,
}: {
  day: number;
  spans: OfficeHours[];
  checked: boolean;
  change: (spans: OfficeHours[]) => void;
}): JSX.Element {
  const words = m().practice;
  const name = m().hours.weekdaysFull[day - 1] ?? '';
  const problem = checked ? dayProblem(spans) : null;
  const errorId = `day-${day}-error`;
  const set = (i: number, part: 'start' | 'end', value: string) =>
    change(spans.map((s, k) => (k === i ? { ...s, [part]: value } : s)));
  const add = () => {
    const last = spans[spans.length - 1];
    change([
      ...spans,
      last && last.end < '14:00'
        ? { weekday: day, start: '14:00', end: '18:00' }
        : last
          ? { weekday: day, start: last.end, end: '' }
          : { weekday: day, start: '08:00', end: '12:00' },
    ]);
  };
  return (
    <fieldset class="day" aria-describedby={problem ? errorId : undefined}>
      <legend>{name}</legend>
      <div class="day-spans">
        {spans.length === 0 && <p class="muted">{words.closed}</p>}
        {spans.map((span, i) => (
          <div class="span" key={i}>
            <ClockInput
              label={words.fromOf(name, i + 1)}
              value={span.start}
              wrong={problem !== null}
              change={(value) => set(i, 'start', value)}
            />
            <span>{words.to}</span>
            <ClockInput
              label={words.toOf(name, i + 1)}
              value={span.end}
              wrong={problem !== null}
              change={(value) => set(i, 'end', value)}
            />
            <button
              type="button"
              class="icon-button"
              onClick={() => change(spans.filter((_, k) => k !== i))}
            >
              <Icon name="trash" />
              <span class="sr">{words.removeOf(name, i + 1)}</span>
            </button>
          </div>
        ))}
        {problem && (
          <p class="field-error" id={errorId}>
            <Icon name="alert" size={16} /> {words[problem]}
          </p>
        )}
        {spans.length < 4 && (
          <button
            type="button"
            class="link-button add"
            aria-label={`${words.add}: ${name}`}
            onClick={add}
          >
            <Icon name="plus" size={16} /> {words.add}
          </button>
        )}
      </div>
    </fieldset>
  );
}

function PracticeForm({ user, doctor }: { user: User; doctor: Doctor }): JSX.Element {
  const words = m().practice;
  const [week, setWeek] = useState<Week>(() => weekOf(doctor.hours));
  const [checked, setChecked] = useState(false);
  const form = useForm({
    hours: '',
    usual_reply_minutes: String(doctor.usual_reply_minutes ?? 240),
    timezone: doctor.timezone || clinic.value?.timezone || 'America/Sao_Paulo',
    about: doctor.about ?? '',
  });
  const replies = [...new Set([...REPLY_MINUTES, Number(form.values.usual_reply_minutes)])].sort(
    (a, b) => a - b,
  );
  const zones = [...new Set([form.values.timezone, ...ZONES])];
  const submit = form.submit(
    (v) => {
      setChecked(true);
      const wrong = DAYS.find((day) => dayProblem(week[day] ?? []));
      return {
        hours: wrong ? words[dayProblem(week[wrong] ?? []) ?? 'badSpan'] : undefined,
        about: [...v.about].length > ABOUT_LIMIT ? m().errors.fields.too_long : undefined,
      };
    },
    async (v) => {
      const saved = await api.savePractice({
        hours: DAYS.flatMap((day) =>
          [...(week[day] ?? [])].sort((a, b) => (a.start < b.start ? -1 : 1)),
        ),
        usual_reply_minutes: Number(v.usual_reply_minutes),
        timezone: v.timezone,
        about: v.about.trim(),
      });
      replaceUser({ ...user, doctor: saved });
      setChecked(false);
      toast(words.saved);
    },
  );
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <Summary
        form={form}
        labels={{
          hours: words.hours,
          usual_reply_minutes: words.reply,
          timezone: words.timezone,
          about: words.about,
        }}
      />
      <section class="card stack">
        <h2 id={form.id('hours')} tabIndex={-1}>
          {words.hours}
        </h2>
        <p class="help">{words.hoursHelp}</p>
        <div class="week">
          {DAYS.map((day) => (
            <DayEditor
              key={day}
              day={day}
              spans={week[day] ?? []}
              checked={checked}
              change={(spans) => setWeek((old) => ({ ...old, [day]: spans }))}
            />
          ))}
        </div>
        <div class="actions">
          <button
            type="button"
            class="button button-quiet button-small"
            onClick={() =>
              setWeek((old) => {
                const next = { ...old };
                for (const day of [2, 3, 4, 5]) {
                  next[day] = (old[1] ?? []).map((s) => ({ ...s, weekday: day }));
                }
                return next;
              })
            }
          >
            {words.copyDays}
          </button>
        </div>
      </section>
      <section class="card form">
        <SelectField
          bind={form.field('usual_reply_minutes')}
          label={words.reply}
          help={words.replyHelp}
          options={replies.map((n) => [String(n), replyLabel(n)] as const)}
        />
        <SelectField
          bind={form.field('timezone')}
          label={words.timezone}
          options={zones.map((zone) => [zone, zone.replace(/_/g, ' ')] as const)}
        />
        <TextArea
          bind={form.field('about')}
          label={words.about}
          help={words.aboutHelp}
          optional
          rows={5}
        />
      </section>
      <div class="actions">
        <SubmitButton busy={form.busy} label={m().app.save} />
      </div>
    </form>
  );
}

export function PracticePage(): JSX.Element {
  const words = m().practice;
  const user = person.value;
  return (
    <Page title={words.title} lead={words.lead} narrow>
      {user?.doctor && <PracticeForm user={user} doctor={user.doctor} />}
    </Page>
  );
}
