// Links in message text: only those that say http, https or www, cut the way people expect at the end of a
// sentence, and checked by the browser's own URL parser. (linkifyjs was tried; its list of top-level domains,
// of no use for explicit links, cost a sixth of the whole client's size limit.)

export interface Piece {
  text: string;
  href?: string;
}

const CANDIDATE = /(?<![\p{L}\p{N}_@.-])(?:https?:\/\/|www\.)[^\s<>"“”«»]+/giu;
const CLOSERS: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** Leaves sentence punctuation and unmatched closing brackets outside the link. */
function trimEnd(candidate: string): string {
  let text = candidate;
  for (;;) {
    const last = text[text.length - 1] ?? '';
    const opener = CLOSERS[last];
    const unmatched = opener !== undefined && text.split(last).length > text.split(opener).length;
    if (!/[.,;:!?'’*_~…]/.test(last) && !unmatched) return text;
    text = text.slice(0, -1);
  }
}

function addressOf(text: string): string | undefined {
  try {
    const url = new URL(/^www\./i.test(text) ? `https://${text}` : text);
    const safe = url.protocol === 'https:' || url.protocol === 'http:';
    // A name before the host ("https://bank.example@evil.example") is there to deceive.
    const plain =
      url.username === '' && url.password === '' && /[.:]|^localhost$/.test(url.hostname);
    return safe && plain ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Splits a text into plain pieces and safe links; joined again they are the text. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const at = match.index ?? 0;
    const link = trimEnd(match[0]);
    const href = addressOf(link);
    if (!href) continue;
    if (at > end) found.push({ text: text.slice(end, at) });
    found.push({ text: link, href });
    end = at + link.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}
