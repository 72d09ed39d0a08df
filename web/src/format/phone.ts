// Phones: Brazilian numbers without the country code are completed with +55 and shown as
// (11) 91234-5678; any other country's number starts with + and is kept as E.164.

function brazilian(digits: string): string {
  const d = digits.slice(0, 11);
  if (d.length <= 2) return d;
  const cut = d.length > 10 ? 7 : 6;
  const head = `(${d.slice(0, 2)}) ${d.slice(2, cut)}`;
  return d.length > cut ? `${head}-${d.slice(cut)}` : head;
}

/** As typed, so far: a leading + keeps the number as it is, but for spaces. */
export function formatPhone(text: string): string {
  const trimmed = text.trimStart();
  const digits = trimmed.replace(/\D/g, '');
  if (!trimmed.startsWith('+')) return brazilian(digits);
  if (digits.startsWith('55') && digits.length > 2) {
    const rest = brazilian(digits.slice(2));
    return rest ? `+55 ${rest}` : '+55';
  }
  return `+${digits.slice(0, 15)}`;
}

/** E.164, or null if the number cannot be one. */
export function phoneToE164(text: string): string | null {
  const trimmed = text.trim();
  if (/[^\d\s()+.\-/]/.test(trimmed)) return null;
  let digits = trimmed.replace(/\D/g, '');
  const international = trimmed.startsWith('+') || trimmed.startsWith('00');
  if (trimmed.startsWith('00')) digits = digits.slice(2);
  if (!international) {
    digits = digits.replace(/^0/, '');
    if (!(digits.startsWith('55') && digits.length >= 12)) digits = `55${digits}`;
  }
  if (digits.startsWith('55')) {
    return /^55[1-9][1-9](9\d{8}|[2-5]\d{7})$/.test(digits) ? `+${digits}` : null;
  }
  return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : null;
}

/** How a stored number is shown. */
export function showPhone(e164: string): string {
  const d = e164.replace(/\D/g, '');
  return d.startsWith('55') && d.length >= 12 ? `+55 ${brazilian(d.slice(2))}` : e164;
}
