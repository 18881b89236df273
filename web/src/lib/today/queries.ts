// What the day's page asks the desk for.
import { queryOptions } from '@tanstack/svelte-query';
import { answer, api, type Schemas } from '$lib/platform/api';

export type Arrival = Schemas['Arrival'];
export type ChecklistItem = Schemas['ChecklistItem'];

/** A day; without one, the day that it is for the business. */
export const day = (date: string) => queryOptions({
  queryKey: ['today', date],
  queryFn: () => answer(api.GET('/today', { params: { query: { date: date || undefined } } })),
  // Time goes on, also when nobody changes anything.
  refetchInterval: 120_000
});

export const checklist = () => queryOptions({ queryKey: ['checklist'], queryFn: () => answer(api.GET('/checklist')), retry: false, staleTime: 60_000 });

/** The first things to do, and where. */
export const places: Record<ChecklistItem['key'], string> = {
  program: '/programs/new', occurrence: '/calendar?plan=new', mail: '/system/mails', backup: '/checklist', logo: '/settings/invoices#look', bank: '/settings#bank'
};
