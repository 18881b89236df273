import { expect, it } from 'vitest';
import { kindBy, linkOf, metadataOf, placeFor, samePlace, shownAt, type Place } from './place';

it('a file says by its type, else by its name, what it is', () => {
  expect(kindBy({ name: 'a.bin', type: 'image/png' })).toBe('image');
  expect(kindBy({ name: 'note.opus', type: '' })).toBe('audio');
  expect(kindBy({ name: 'film.MOV', type: '' })).toBe('video');
  expect(kindBy({ name: 'consent.pdf', type: 'application/pdf' })).toBe('document');
});

it('files of every kind go to one place', () => {
  const place: Place = { role: 'file', client_id: 'c' };
  const sent = placeFor(place, { name: 'a.pdf', type: 'application/pdf' });
  expect(samePlace(place, sent)).toBe(true);
  expect(metadataOf(sent, 'a.pdf')).toEqual({ kind: 'document', filename: 'a.pdf', role: 'file', client_id: 'c' });
  expect(metadataOf({ role: 'media', kind: 'video' }, 'b')).toEqual({ kind: 'video', filename: 'b' });
});

it('a place is shown by its page, on the tab that has it', () => {
  const note: Place = { role: 'audio_note', client_id: 'c' };
  expect(linkOf(note)).toBe('/clients/c?tab=notes');
  expect(shownAt(note, new URL('http://desk/clients/c'))).toBe(false);
  expect(shownAt(note, new URL('http://desk/clients/c?tab=notes'))).toBe(true);
  expect(shownAt({ ...note, booking_id: 'b' }, new URL('http://desk/bookings/b'))).toBe(true);
});
