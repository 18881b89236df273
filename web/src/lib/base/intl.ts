// Formats of the browser, each made once: making one takes as long as a hundred uses of it.

function once<Options, Format>(make: (tag: string, options?: Options) => Format): (tag: string, options?: Options) => Format {
  const made = new Map<string, Format>();
  return (tag, options) => {
    const key = options ? tag + JSON.stringify(options) : tag;
    const known = made.get(key);
    if (known) return known;
    const format = make(tag, options);
    made.set(key, format);
    return format;
  };
}

/** `Intl.NumberFormat` (ECMA-402 §16). */
export const numberFormat = once((tag, options?: Intl.NumberFormatOptions) => new Intl.NumberFormat(tag, options));
/** `Intl.DateTimeFormat` (ECMA-402 §11). */
export const dateFormat = once((tag, options?: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, options));
/** `Intl.PluralRules` (ECMA-402 §17). */
export const pluralRules = once((tag, options?: Intl.PluralRulesOptions) => new Intl.PluralRules(tag, options));
