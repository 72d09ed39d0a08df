// Message text as nodes, never as markup; links open in a new tab that knows nothing of this one.

import type { ComponentChild, JSX } from 'preact';
import { pieces } from '../format/links.ts';
import { m } from '../i18n/index.ts';

export function LinkedText({ text }: { text: string }): JSX.Element {
  const nodes: ComponentChild[] = pieces(text).map((piece) =>
    piece.href ? (
      <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
        {piece.text}
        <span class="sr"> {m().app.newTab}</span>
      </a>
    ) : (
      piece.text
    ),
  );
  return <>{nodes}</>;
}
