// What the tabs of one browser tell each other: that the person is active, that the outbox changed,
// that somebody signed in or out. Only facts travel here, no content.

export type TabNews =
  | { type: 'activity' }
  | { type: 'outbox' }
  | { type: 'signed-in'; account: string }
  | { type: 'signed-out'; account: string };

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('acolhe');

export function tellTabs(news: TabNews): void {
  channel?.postMessage(news);
}

export function onTabNews(listener: (news: TabNews) => void): void {
  channel?.addEventListener('message', (event) => listener(event.data as TabNews));
}
