import { expect, it } from 'vitest';
import { problem } from './api';

it('a refusal is read with and without fields, and so is what is no refusal of the desk', () => {
  const about = { type: 'about:blank', title: 'Unauthorized', status: 401, code: 'unauthenticated', detail: 'Sign in.' };
  expect(problem(401, JSON.stringify(about))).toMatchObject({ status: 401, code: 'unauthenticated', message: 'Sign in.', errors: [] });
  const fields = { ...about, status: 422, code: 'invalid_field', errors: [{ field: 'name', message: 'must not be empty' }] };
  expect(problem(422, JSON.stringify(fields)).errors).toEqual([{ field: 'name', message: 'must not be empty' }]);
  expect(problem(502, '<html>').code).toBe('unknown');
});
