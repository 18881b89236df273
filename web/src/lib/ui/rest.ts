/** When the page has come to rest: for what nobody waits for. */
export function rest(): Promise<void> {
  return new Promise((done) => {
    // Safari had no idle callback before 2025.
    if ('requestIdleCallback' in window) window.requestIdleCallback(() => done(), { timeout: 2000 });
    else setTimeout(done, 500);
  });
}
