// Times of day as typed in the doctor's week: "8", "830", "8:30" and "08:30" are all 08:30-like, always on
// a 24-hour clock (a browser's own time field may show AM and PM).

/** "HH:MM", or null if it is no time of day. */
export function parseClock(text: string): string | null {
  const found = /^(\d{1,2})(?:[:h.]?(\d{2}))?h?$/i.exec(text.trim());
  if (!found) return null;
  const hour = Number(found[1]);
  const minute = Number(found[2] ?? '0');
  if (hour > 23 || minute > 59) return null;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
