// An address that is no page, or no page of this person's: both look the same.

import type { JSX } from 'preact';
import { m } from '../i18n/index.ts';
import { Empty, Page } from '../parts/page.tsx';

export function NotFoundPage(): JSX.Element {
  const words = m().notFound;
  return (
    <Page title={words.title} narrow>
      <Empty icon="search" title={words.text}>
        <a class="button" href="/">
          {words.home}
        </a>
      </Empty>
    </Page>
  );
}
