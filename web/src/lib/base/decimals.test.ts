// Browsers count some currencies otherwise than the desk does: the page must know what the server knows.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decimals, major, minor } from './amounts';

const money = readFileSync(new URL('../../../../src/base/money.rs', import.meta.url), 'utf8');

describe('the digits of a currency', () => {
  it.each([['NO_DECIMALS', 0], ['THREE_DECIMALS', 3]])('are those of the server: %s', (name, digits) => {
    const list = new RegExp(`${name}: &\\[&str\\] =\\s*&\\[([^\\]]+)\\]`).exec(money)?.[1].match(/[A-Z]{3}/g) ?? [];
    expect(list.length).toBeGreaterThan(5);
    for (const code of list) expect(decimals(code), code).toBe(digits);
  });
  it('are two otherwise', () => {
    for (const code of ['EUR', 'HUF', 'CHF', 'ALL', 'IDR']) expect(decimals(code), code).toBe(2);
  });
  it('come back exactly where binary fractions go wrong', () => {
    for (let amount = -20_000; amount <= 20_000; amount += 211) {
      for (const [currency, locale] of [['EUR', 'de'], ['KWD', 'en'], ['JPY', 'en']]) {
        if (minor(major({ amount, currency }, locale), currency, locale).amount !== amount) expect.fail(`${amount} ${currency} there and back`);
      }
    }
  });
});
