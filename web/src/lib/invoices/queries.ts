// What the pages of invoices ask the desk for. Keys begin with the noun, so that live changes find them.
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, api, one, Problem, type Schemas } from '$lib/platform/api';
import { queryOf, type Filter } from './filter';

const PAGE = 50;

export const invoiceList = (filter: Filter) => infiniteQueryOptions({
  queryKey: ['invoices', 'list', filter],
  queryFn: ({ pageParam }) => answer(api.GET('/invoices', { params: { query: { limit: PAGE, ...queryOf(filter), cursor: pageParam || undefined } } })),
  initialPageParam: '',
  getNextPageParam: (last) => last.next_cursor ?? undefined
});

export const owed = () => queryOptions({ queryKey: ['invoices', 'summary'], queryFn: () => answer(api.GET('/invoices/summary')) });

/** What was issued from one day to another; nothing where there are no reports. */
export const issuedBetween = (from: string, to: string) => queryOptions({
  queryKey: ['reports', 'revenue', 'invoices', from, to],
  queryFn: async () => (await answer(api.GET('/reports/revenue', { params: { query: { from, to, by: 'month' } } }))) as Schemas['RevenueReport'],
  retry: false
});

export const invoice = (id: string) => queryOptions({ queryKey: ['invoices', id], queryFn: () => answer(api.GET('/invoices/{id}', one(id))) });

export const payments = (id: string) => queryOptions({
  queryKey: ['invoices', id, 'payments'], queryFn: () => answer(api.GET('/invoices/{id}/payments', one(id))).then((found) => found.items)
});

export const creditNotes = (id: string) => queryOptions({
  queryKey: ['invoices', id, 'credit-notes'], queryFn: () => answer(api.GET('/invoices/{id}/credit-notes', one(id))).then((found) => found.items)
});

export const reminders = (id: string) => queryOptions({
  queryKey: ['invoices', id, 'reminders'], queryFn: () => answer(api.GET('/invoices/{id}/reminders', one(id))).then((found) => found.items)
});

export const letters = (id: string) => queryOptions({
  queryKey: ['mails', 'invoice', id], queryFn: () => answer(api.GET('/mails', { params: { query: { invoice_id: id, limit: 20 } } })).then((found) => found.items)
});

/** Who did what to a document; nothing for who may not read that. */
export const history = (id: string) => queryOptions({
  queryKey: ['invoices', id, 'history'],
  queryFn: () => answer(api.GET('/audit-log', { params: { query: { subject_id: id, limit: 30 } } })).then((found) => found.items, (failed) => {
    if (failed instanceof Problem && failed.status === 403) return [];
    throw failed;
  })
});

export const drafts = () => infiniteQueryOptions({
  queryKey: ['drafts', 'list'],
  queryFn: ({ pageParam }) => answer(api.GET('/drafts', { params: { query: { limit: PAGE, cursor: pageParam || undefined } } })),
  initialPageParam: '',
  getNextPageParam: (last) => last.next_cursor ?? undefined
});

export const series = () => queryOptions({ queryKey: ['invoices', 'series'], queryFn: () => answer(api.GET('/invoice-series')).then((found) => found.items) });
