// A face for people without a photo: their initials in one of a few quiet tints.

import type { JSX } from 'preact';
import { initials } from '../format/text.ts';

export function Avatar({
  name,
  id,
  large,
}: {
  name: string;
  id: string;
  large?: boolean;
}): JSX.Element {
  let sum = 0;
  for (const c of id) sum = (sum * 31 + c.charCodeAt(0)) % 997;
  return (
    <span class={`avatar tint-${sum % 5}${large ? ' avatar-large' : ''}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
