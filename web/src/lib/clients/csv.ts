// Tables as text: read whatever a spreadsheet wrote, and write what every spreadsheet reads (RFC 4180). Pure.

export type Delimiter = ',' | ';' | '\t' | '|';
const delimiters: Delimiter[] = [';', ',', '\t', '|'];
/** So many characters are looked at to guess how a file is written. */
const LOOK = 64 * 1024;

/**
 * The text of a file: UTF-8 or UTF-16 by its mark, UTF-8 when it reads as that, else Windows-1252, in which older
 * programs write.
 */
export function decode(bytes: Uint8Array): { text: string; encoding: 'UTF-8' | 'UTF-16' | 'Windows-1252' } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: new TextDecoder('utf-16le').decode(bytes), encoding: 'UTF-16' };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: new TextDecoder('utf-16be').decode(bytes), encoding: 'UTF-16' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'UTF-8' };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'Windows-1252' };
  }
}

/** Records and their fields. Quotes hold delimiters, line ends and doubled quotes; empty lines are left out. */
export function parse(text: string, delimiter: Delimiter): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const end = text.length;
  while (at < end) {
    let field = '';
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const close = text.indexOf('"', at);
        if (close < 0) {
          // The end is missing: what is there counts.
          field += text.slice(at);
          at = end;
          break;
        }
        field += text.slice(at, close);
        at = close + 1;
        if (text[at] !== '"') break;
        field += '"';
        at += 1;
      }
    }
    // Also what stands after a closing quote, which some programs write.
    let stop = at;
    while (stop < end && text[stop] !== delimiter && text[stop] !== '\n' && text[stop] !== '\r') stop += 1;
    field += text.slice(at, stop);
    record.push(field);
    at = stop;
    if (text[at] === delimiter) {
      at += 1;
      if (at < end) continue;
      record.push('');
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    if (record.some((one) => one.trim() !== '')) records.push(record);
    record = [];
  }
  return records;
}

/** What parts the fields: the mark by which most records have the same number of fields, more than one. */
export function guessDelimiter(text: string): Delimiter {
  const head = text.slice(0, LOOK);
  let best: Delimiter = ',';
  let most = 0;
  for (const delimiter of delimiters) {
    const widths = parse(head, delimiter).slice(0, 50).map((record) => record.length);
    const width = widths[0] ?? 0;
    if (width < 2) continue;
    const same = widths.filter((one) => one === width).length / widths.length;
    const score = same * 100 + Math.min(width, 40);
    if (score > most) {
      most = score;
      best = delimiter;
    }
  }
  return best;
}

/** A table as text, with a mark at its front by which spreadsheets know UTF-8. */
export function write(records: string[][], delimiter: Delimiter = ','): string {
  const quote = (field: string) => {
    // A spreadsheet takes what begins so for a formula, and would run what a stranger wrote.
    const safe = /^[=+\-@\t\r]/.test(field) && !/^[+-]?[\d\s().,/-]*$/.test(field) ? `'${field}` : field;
    return /["\r\n]/.test(safe) || safe.includes(delimiter) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\ufeff${records.map((record) => record.map(quote).join(delimiter)).join('\r\n')}\r\n`;
}
