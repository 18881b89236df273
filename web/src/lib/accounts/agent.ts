// Which browser on which system a User-Agent header means (RFC 9110 §10.1.5), as far as people care. Pure.

// The first that fits: Edge and Opera also say Chrome, and Chrome also says Safari.
const browsers: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'], [/\bOPR\/|\bOpera\b/, 'Opera'], [/\bSamsungBrowser\//, 'Samsung Internet'], [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'], [/\b(?:Chrome|CriOS|HeadlessChrome)\//, 'Chrome'], [/\bChromium\//, 'Chromium'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'], [/\bcurl\//, 'curl']
];
const systems: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'], [/\biPad\b/, 'iPad'], [/\bAndroid\b/, 'Android'], [/\bWindows\b/, 'Windows'], [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'], [/\bLinux\b/, 'Linux']
];

/** What is known of a device; empty where nothing is. */
export type Device = { browser: string; system: string; mobile: boolean };

export function device(agent: string | null | undefined): Device {
  const name = (list: [RegExp, string][]) => list.find(([like]) => like.test(agent ?? ''))?.[1] ?? '';
  const system = name(systems);
  return { browser: name(browsers), system, mobile: ['iPhone', 'iPad', 'Android'].includes(system) };
}
