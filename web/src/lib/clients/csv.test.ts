import { describe, expect, it } from 'vitest';
import { decode, guessDelimiter, parse, write } from './csv';

describe('a table as text', () => {
  it('is read by its delimiter, with any line end, and without empty lines', () => {
    expect(parse('a,b\r\nc,d\n\ne,f', ',')).toEqual([['a', 'b'], ['c', 'd'], ['e', 'f']]);
    expect(parse('a;b\rc;d\r', ';')).toEqual([['a', 'b'], ['c', 'd']]);
    expect(parse(',,\n ,\nx,', ',')).toEqual([['x', '']]);
  });

  it('keeps delimiters, line ends and doubled quotes inside quotes', () => {
    expect(parse('"a,b","line 1\r\nline 2","say ""hi"""', ',')).toEqual([['a,b', 'line 1\r\nline 2', 'say "hi"']]);
  });

  it('is read as far as it makes sense when a quote is missing', () => {
    expect(parse('a,"b', ',')).toEqual([['a', 'b']]);
    expect(parse('"a"x,b', ',')).toEqual([['ax', 'b']]);
  });

  it('loses the mark of its encoding', () => {
    expect(parse('\ufeffName,City\nAda,London', ',')[0]).toEqual(['Name', 'City']);
  });

  it('shows its delimiter', () => {
    expect(guessDelimiter('Name;Price\nAda;1,50\nBob;2,75\n')).toBe(';');
    expect(guessDelimiter('Name,"City; of birth"\nAda,London\n')).toBe(',');
    expect(guessDelimiter('Name\tCity\nAda, Countess\tLondon\n')).toBe('\t');
    expect(guessDelimiter('Name\nAda\n')).toBe(',');
  });

  it('is decoded as UTF-8, else as Windows wrote it', () => {
    expect(decode(new TextEncoder().encode('Zoë'))).toEqual({ text: 'Zoë', encoding: 'UTF-8' });
    expect(decode(Uint8Array.from([0x5a, 0x6f, 0xeb]))).toEqual({ text: 'Zoë', encoding: 'Windows-1252' });
    expect(decode(Uint8Array.from([0xff, 0xfe, 0x5a, 0x00])).text).toBe('Z');
  });

  it('reads back what it wrote', () => {
    const table = [['Name', 'Notes'], ['Ada "the first"', 'two\nlines, one comma'], [' b ', '']];
    expect(parse(write(table), ',')).toEqual(table);
  });

  it('never writes what a spreadsheet would run, and leaves phone numbers alone', () => {
    expect(write([['=1+1', '+49 30 1234', '-5', '@x']])).toBe("\ufeff'=1+1,+49 30 1234,-5,'@x\r\n");
  });
});
