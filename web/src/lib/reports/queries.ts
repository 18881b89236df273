// What reports ask the desk for; `period` of a row is the first day of its part.
import { queryOptions } from '@tanstack/svelte-query';
import { dayNamed, dayShort, month, span } from '$lib/base/figures';
import { plusDays } from '$lib/base/format';
import { answer, api, type Money, type Schemas } from '$lib/platform/api';
import { filled, type Step } from './period';

type Asked = { from: string; to: string; by: Step };
const params = ({ from, to, by }: Asked) => ({ params: { query: { from, to, by } } });
// Without `format` the reply is never the table of text that the document names beside the figures.
const figures = async <T,>(call: Promise<{ data?: T | string; error?: unknown }>) => (await answer(call)) as Exclude<T, string>;

export const revenue = (asked: Asked) => queryOptions({ queryKey: ['reports', 'revenue', asked.from, asked.to, asked.by], queryFn: () => figures(api.GET('/reports/revenue', params(asked))) });
export const occupancy = (asked: Asked) => queryOptions({ queryKey: ['reports', 'occupancy', asked.from, asked.to, asked.by], queryFn: () => figures(api.GET('/reports/occupancy', params(asked))) });
export const tax = (asked: Asked) => queryOptions({ queryKey: ['reports', 'tax', asked.from, asked.to, asked.by], queryFn: () => figures(api.GET('/reports/tax', params(asked))) });

/** Every part of the period, also those in which nothing was billed. */
export function revenueRows(report: Schemas['RevenueReport'], asked: Asked): Schemas['RevenueRow'][] {
  const none: Money = { amount: 0, currency: report.currency };
  return filled(report.rows, asked.from, asked.to, asked.by, (period) => ({ period, invoiced: none, credited: none, net: none, tax: none, gross: none, received: none }));
}

/** Every part of the period, also those in which nothing took place. */
export function occupancyRows(report: Schemas['OccupancyReport'], asked: Asked): Schemas['OccupancyRow'][] {
  return filled(report.rows, asked.from, asked.to, asked.by, (period) => ({ period, occurrences: 0, capacity: 0, seats_taken: 0, checked_in: 0, no_show: 0 }));
}

/** A part of a period as an axis names it. */
export function partShort(period: string, by: Step): string {
  return by === 'month' ? month(period, 'short') : dayShort(period);
}

/** A part of a period as a table names it. */
export function partLong(period: string, by: Step): string {
  return by === 'month' ? month(period) : by === 'week' ? span(period, plusDays(period, 6)) : dayNamed(period);
}
