// A program as it is typed. Pure.
import { major, minor } from '$lib/base/amounts';
import type { Schemas } from '$lib/platform/api';
import type { Program } from './queries';

export type Form = {
  title: string; slug: string; summary: string; description: string; price: string; tax_rate: number;
  default_capacity: number; duration_minutes: number; location: string;
};

export function formOf(program: Program): Form {
  return {
    title: program.title, slug: program.slug, summary: program.summary ?? '', description: program.description ?? '',
    price: major(program.price), tax_rate: program.tax_rate, default_capacity: program.default_capacity,
    duration_minutes: program.duration_minutes, location: program.location ?? ''
  };
}

type Fields = { [Field in keyof Schemas['ProgramInput']]?: Schemas['ProgramInput'][Field] | null };

/**
 * What is sent of what was changed; an empty text takes the field away.
 *
 * @throws Unreadable for a price that is none
 */
export function fieldsOf(changes: Partial<Form>, currency: string): Fields {
  const { price, summary, description, location, ...rest } = changes;
  const fields: Fields = { ...rest };
  if (price !== undefined) fields.price = minor(price, currency);
  for (const [name, text] of Object.entries({ summary, description, location })) {
    if (text !== undefined) fields[name as 'summary'] = text.trim() || null;
  }
  return fields;
}

/** What an address can be made of: lower case, digits and hyphens, as the desk would make it. */
export function slugOf(title: string): string {
  return title.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').replaceAll('ß', 'ss').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
}
