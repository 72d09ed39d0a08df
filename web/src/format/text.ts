// Small pure helpers about text: lengths as the server counts them, initials for a face-less avatar,
// and the name of a browser for the list of sessions.

/** Unicode scalar values, the server's unit for message length. */
export function scalarLength(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** A text that can be sent: no lone surrogates, no blank ends. */
export function cleanMessage(text: string): string {
  return text
    .replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD')
    .replace(/\r\n?/g, '\n')
    .replace(/\0/g, '')
    .trim();
}

export function initials(name: string): string {
  const words = name
    .replace(/^(dr|dra|drª|prof)\.?\s+/i, '')
    .split(/\s+/)
    .filter((w) => /\p{L}/u.test(w));
  const first = words[0] ?? '';
  const last = words.length > 1 ? (words[words.length - 1] ?? '') : '';
  const letter = (word: string) => ([...word][0] ?? '').toLocaleUpperCase();
  return letter(first) + letter(last) || '?';
}

export interface Device {
  browser: string;
  system: string;
}

/** A guess good enough for a person to recognise their own phone. */
export function deviceOf(userAgent: string | null): Device | null {
  if (!userAgent) return null;
  const find = (pairs: readonly (readonly [RegExp, string])[]) =>
    pairs.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = find([
    [/Edg\//, 'Edge'],
    [/OPR\//, 'Opera'],
    [/SamsungBrowser\//, 'Samsung Internet'],
    [/Firefox\/|FxiOS/, 'Firefox'],
    [/Chrome\/|CriOS/, 'Chrome'],
    [/Safari\//, 'Safari'],
  ]);
  const system = find([
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/CrOS/, 'ChromeOS'],
    [/Linux/, 'Linux'],
  ]);
  return browser && system ? { browser, system } : null;
}
