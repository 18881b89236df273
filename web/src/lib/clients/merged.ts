// What becomes of clients that are merged, as the desk does it: shown before it is done. Pure.
import type { ClientForm } from './form';

/** Who stays, with what they take over from the others in this order: what they lack, every tag, every note. */
export function merged(stays: ClientForm, others: ClientForm[]): ClientForm {
  const sum = { ...stays, tags: [...stays.tags] };
  for (const other of others) {
    // An address is taken as a whole, so that no street gets another's city.
    if (!sum.street && !sum.postcode && !sum.city) {
      Object.assign(sum, { street: other.street, postcode: other.postcode, city: other.city, country: other.country || sum.country });
    }
    for (const field of ['email', 'phone', 'country', 'vat_id', 'locale', 'buyer_reference'] as const) sum[field] ||= other[field];
    sum.tags.push(...other.tags.filter((tag) => !sum.tags.includes(tag)));
    if (!sum.notes) sum.notes = other.notes;
    else if (other.notes && !sum.notes.includes(other.notes)) sum.notes += `\n\n${other.notes}`;
  }
  return sum;
}
