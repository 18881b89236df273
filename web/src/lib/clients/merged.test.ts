import { expect, it } from 'vitest';
import type { ClientForm } from './form';
import { merged } from './merged';

const nobody: ClientForm = { name: '', email: '', phone: '', street: '', postcode: '', city: '', country: '', vat_id: '', buyer_reference: '', locale: '', tags: [], notes: '' };

it('who stays keeps what they have and takes over what they lack', () => {
  const sum = merged({ ...nobody, name: 'Zoe', email: 'z@x.org' }, [{ ...nobody, name: 'Zoë', email: 'other@x.org', phone: '+49 1' }]);
  expect(sum).toEqual({ ...nobody, name: 'Zoe', email: 'z@x.org', phone: '+49 1' });
});

it('an address is taken as a whole', () => {
  expect(merged({ ...nobody, city: 'Kiel' }, [{ ...nobody, street: 'Hafen 1', city: 'Köln' }])).toMatchObject({ street: '', city: 'Kiel' });
  expect(merged({ ...nobody, country: 'AT' }, [{ ...nobody, street: 'Hafen 1', city: 'Köln', country: 'DE' }])).toMatchObject({ street: 'Hafen 1', city: 'Köln', country: 'DE' });
});

it('tags are united and notes joined, each once', () => {
  const sum = merged({ ...nobody, tags: ['vip'], notes: 'Likes clay' }, [{ ...nobody, tags: ['vip', 'kiln'], notes: 'clay' }, { ...nobody, notes: 'Comes late' }]);
  expect(sum).toMatchObject({ tags: ['vip', 'kiln'], notes: 'Likes clay\n\nComes late' });
});
