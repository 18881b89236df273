// Server state: one client, keys that begin with the noun as the audit log names it, so that a change said by the server
// finds what shows it. Options of queries live beside their room (`lib/bookings/queries.ts`).
import { QueryClient } from '@tanstack/svelte-query';
import { Problem } from './api';

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What is shown is refreshed by live changes and by coming back to the page; half a minute spares the rest.
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      retry: (times, error) => times < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429),
      retryDelay: (times) => Math.min(1000 * 2 ** times, 8000)
    },
    mutations: { retry: false }
  }
});

/** What else shows a noun: its changes make these stale too. */
const beside: Record<string, string[]> = {
  booking: ['bookings', 'occurrences', 'clients', 'invoices', 'today', 'reports'],
  payment: ['payments', 'bookings', 'invoices', 'today', 'reports'],
  invoice: ['invoices', 'bookings', 'drafts', 'today', 'reports'],
  draft: ['drafts'],
  client: ['clients', 'bookings', 'invoices'],
  occurrence: ['occurrences', 'bookings', 'today', 'checklist'],
  program: ['programs', 'occurrences', 'checklist'],
  media: ['media', 'programs', 'clients', 'uploads'],
  audio_note: ['audio_notes', 'clients', 'bookings'],
  credit_note: ['invoices', 'bookings', 'today', 'reports'],
  account: ['accounts'], session: ['accounts'], api_token: ['accounts'], settings: ['settings', 'checklist'], mail: ['mails', 'invoices'],
  view: ['views'], job: ['jobs', 'today'], checklist: ['checklist']
};

/** Makes everything stale that shows this noun. */
export function changed(noun: string): Promise<void[]> {
  return Promise.all((beside[noun] ?? [`${noun}s`]).map((key) => queries.invalidateQueries({ queryKey: [key] })));
}
