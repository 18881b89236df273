import { describe, expect, it } from 'vitest';
import { decimals, major, minor, more, percentTyped, plain, pointed, points, share, tidy, typed, Unreadable } from './amounts';

describe('what is typed as money', () => {
  it.each([
    ['12.50', 'en', 1250], ['12,50', 'de', 1250], ['1.234,50', 'de', 123450], ['1,234.50', 'en', 123450], ['1 234,50', 'fr', 123450],
    ['1\u202f234,50', 'fr', 123450], ['1’234.50', 'de-CH', 123450], ['0,07', 'es', 7], ['-3', 'en', -300], ['−3', 'en', -300], ['.5', 'en', 50], ['٣٫٥', 'ar-EG', 350]
  ])('reads %s in %s', (text, locale, amount) => {
    expect(minor(text, 'EUR', locale)).toEqual({ amount, currency: 'EUR' });
  });

  it('takes the mark of another language where it cannot group, so that nobody pays a hundredfold', () => {
    expect(minor('12.50', 'EUR', 'de').amount).toBe(1250);
    expect(minor('12,50', 'EUR', 'en').amount).toBe(1250);
    expect(minor('1.234', 'EUR', 'de').amount).toBe(123400);
  });

  it.each(['', 'abc', '1,2,3', '1.2.3', '12.34.5', '1,23.4', '--2', '1e3'])('refuses %j', (text) => {
    expect(() => minor(text, 'EUR', 'en')).toThrow(Unreadable);
  });

  it('counts the digits of the currency', () => {
    expect([decimals('EUR'), decimals('JPY'), decimals('KWD')]).toEqual([2, 0, 3]);
    expect(minor('1.234', 'KWD', 'en').amount).toBe(1234);
    expect(minor('1.234', 'KWD', 'de').amount).toBe(1234000);
    expect(() => minor('1.2345', 'KWD', 'de')).toThrow(Unreadable);
    expect(() => minor('1.005', 'EUR', 'en-GB')).toThrow(Unreadable);
    expect(() => minor('1.5', 'JPY', 'en')).toThrow(Unreadable);
    expect(minor('10.500', 'EUR', 'en').amount).toBe(1050);
  });

  it('never rounds what cannot be counted', () => {
    expect(() => minor('99999999999999999', 'EUR', 'en')).toThrow(Unreadable);
    expect(minor('90071992547409.91', 'EUR', 'en').amount).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('writes an amount as it would be typed again', () => {
    for (const locale of ['en', 'de', 'fr', 'es', 'ar-EG']) {
      for (const amount of [0, 1, -1, 99, 100, -123456, 1000000]) {
        expect(minor(major({ amount, currency: 'EUR' }, locale), 'EUR', locale).amount).toBe(amount);
      }
    }
    expect(major({ amount: -5, currency: 'EUR' }, 'de')).toBe('-0,05');
  });
});

describe('decimals', () => {
  it('are exact', () => {
    expect(plain('1 234,50', 'de')).toBe('1234.50');
    expect(pointed(-5, 3)).toBe('-0.005');
    expect(typed('2.5', 'de')).toBe('2,5');
    expect(tidy('2.500')).toBe('2.5');
    expect(tidy('100')).toBe('100');
    expect(more('2.10', '2.1')).toBe(false);
    expect(more('2.11', '2.1')).toBe(true);
  });

  it('share an amount half up, away from zero', () => {
    expect(share(100, '1', '3')).toBe(33);
    expect(share(5, '1', '2')).toBe(3);
    expect(share(-5, '1', '2')).toBe(-3);
    expect(share(1000, '0.5', '2.5')).toBe(200);
    expect(share(100, '1', '0')).toBe(0);
  });

  it('read a share in percent as basis points', () => {
    expect(points('19', 'de')).toBe(1900);
    expect(points('9,975 %', 'de')).toBe(997.5);
    expect(percentTyped(997.5, 'de')).toBe('9,975');
    expect(() => points('1.23456', 'en')).toThrow(Unreadable);
  });
});
