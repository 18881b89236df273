// Rows of a list by keys: the link of the next one, or the one before, has the focus; Enter follows it.

/** Takes the focus so many rows on, and to the first row when no row has it. Returns where it is now. */
export function walk(rows: HTMLElement[], by: number): number {
  const at = rows.findIndex((row) => row === document.activeElement || row.closest('tr, li')?.contains(document.activeElement));
  const to = Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by));
  rows[to]?.focus();
  rows[to]?.scrollIntoView({ block: 'nearest' });
  return to;
}
