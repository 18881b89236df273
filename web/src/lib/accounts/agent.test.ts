import { expect, test } from 'vitest';
import { device } from './agent';

test('the name that a browser has comes before those it pretends to', () => {
  expect(device('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0')).toEqual({ browser: 'Edge', system: 'Windows', mobile: false });
  expect(device('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36').browser).toBe('Chrome');
});

test('phones are phones', () => {
  const phone = device('Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1');
  expect(phone).toEqual({ browser: 'Safari', system: 'iPhone', mobile: true });
  expect(device('Mozilla/5.0 (Android 14; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0')).toEqual({ browser: 'Firefox', system: 'Android', mobile: true });
});

test('nothing is made up', () => {
  expect(device(undefined)).toEqual({ browser: '', system: '', mobile: false });
});
