// Which column of a foreign table is which field of a client, and a client out of a row. Pure.
import type { Schemas } from '$lib/platform/api';

export const targets = ['name', 'first_name', 'last_name', 'email', 'phone', 'street', 'postcode', 'city', 'country', 'tags', 'notes', 'vat_id', 'buyer_reference', 'locale'] as const;
export type Target = (typeof targets)[number];

// How programs head these columns, in the languages of the desk; without case, accents and marks.
const heads: Record<Target, string> = {
  name: 'name|full name|client|client name|customer|customer name|contact|company|company name|display name|kunde|kundin|kundenname|firma|firmenname|vollstandiger name|nom complet|nom et prenom|client nom|societe|entreprise|raison sociale|nombre completo|cliente|empresa|razon social|nombre y apellidos',
  first_name: 'first name|firstname|given name|given|forename|vorname|prenom|nombre|nombre de pila',
  last_name: 'last name|lastname|surname|family name|family|nachname|familienname|zuname|nom|nom de famille|apellido|apellidos',
  email: 'email|e mail|mail|email address|e mail address|e mail adresse|emailadresse|mailadresse|courriel|adresse email|adresse e mail|adresse mail|correo|correo electronico|direccion de correo',
  phone: 'phone|phone number|telephone|tel|mobile|mobile phone|cell|cell phone|telefon|telefonnummer|handy|mobil|mobilnummer|rufnummer|telephone portable|portable|numero de telephone|gsm|telefono|movil|celular|numero de telefono',
  street: 'street|street address|address|address 1|address line 1|address1|strasse|strasse und hausnummer|strasse hausnummer|anschrift|adresse|rue|adresse 1|voie|calle|direccion|domicilio',
  postcode: 'postcode|post code|postal code|zip|zip code|zipcode|plz|postleitzahl|code postal|cp|codigo postal',
  city: 'city|town|place|locality|ort|stadt|wohnort|ville|localite|commune|ciudad|localidad|poblacion|municipio',
  country: 'country|country code|land|landercode|landerkennzeichen|pays|code pays|pais|codigo de pais',
  tags: 'tags|tag|groups|group|labels|categories|category|schlagworter|schlagworte|gruppe|gruppen|kategorie|kategorien|etiquettes|groupe|groupes|categorie|etiquetas|grupo|grupos|categoria|categorias',
  notes: 'notes|note|comment|comments|remark|remarks|notiz|notizen|bemerkung|bemerkungen|kommentar|anmerkung|remarque|remarques|commentaire|commentaires|nota|notas|observaciones|comentario|comentarios',
  vat_id: 'vat|vat id|vat number|vat no|tax id|tax number|ust id|ust idnr|ustid|ust id nr|umsatzsteuer id|umsatzsteuer identifikationsnummer|tva|numero de tva|numero tva|tva intracommunautaire|nif|cif|iva|nif iva|numero de iva',
  buyer_reference: 'buyer reference|reference|their reference|leitweg id|leitweg|kundenreferenz|referenz|kaufer referenz|reference acheteur|reference client|referencia|referencia del comprador',
  locale: 'language|locale|lang|sprache|langue|idioma'
};
const known = new Map(targets.flatMap((target) => heads[target].split('|').map((head) => [head, target] as const)));

/** Letters without case, accents and marks: `E-Mail-Adresse` is `e mail adresse`. */
export function plain(text: string): string {
  return text.replaceAll('ß', 'ss').normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}

/** The field of each column, by its head; each field once, empty when nothing is recognised. */
export function guess(head: string[]): (Target | '')[] {
  const taken = new Set<Target>();
  const found = head.map((one): Target | '' => {
    const target = known.get(plain(one));
    if (!target || taken.has(target)) return '';
    taken.add(target);
    return target;
  });
  // "Nombre", "Nom" or "Name" beside no other part of a name is the whole one.
  const alone = found.findIndex((one) => one === 'first_name' || one === 'last_name');
  if (alone >= 0 && !taken.has('name') && !(taken.has('first_name') && taken.has('last_name'))) found[alone] = 'name';
  // "Name" beside a first name is the rest of it.
  if (taken.has('name') && taken.has('first_name') && !taken.has('last_name')) found[found.indexOf('name')] = 'last_name';
  return found;
}

/** Whether a first record names the columns: nothing in it is an address, a number or a day, as a client has them. */
export function looksLikeHead(record: string[]): boolean {
  return record.some((one) => known.has(plain(one))) || !record.some((one) => /@.+\./.test(one) || /^[+\d][\d\s().,/:-]{3,}$/.test(one.trim()));
}

/** Codes of countries by their names in some languages (ISO 3166-1 alpha-2). */
export function countryCodes(languages: string[]): Map<string, string> {
  const codes = new Map<string, string>();
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  for (const language of languages) {
    const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
    for (const one of letters) for (const other of letters) {
      const name = names.of(one + other);
      if (name) codes.set(plain(name), one + other);
    }
  }
  return codes;
}

/** A client out of a row; several columns of one field are joined. */
export function clientOf(row: string[], mapping: (Target | '')[], countries: Map<string, string>, tags: string[] = []): Schemas['ClientInput'] {
  const texts: Partial<Record<Target, string[]>> = {};
  mapping.forEach((target, at) => {
    const text = row[at]?.trim();
    if (target && text) (texts[target] ??= []).push(text);
  });
  const one = (target: Target, between = ' ') => texts[target]?.join(between);
  const country = one('country');
  const address = { street: one('street', ', '), postcode: one('postcode'), city: one('city'), country: country ? (countries.get(plain(country)) ?? country.toUpperCase()) : undefined };
  const own = (texts.tags ?? []).flatMap((text) => text.split(/[,;|]/)).map((text) => text.trim()).filter(Boolean);
  const all = [...new Set([...own, ...tags])];
  return {
    name: one('name') ?? [one('first_name'), one('last_name')].filter(Boolean).join(' '),
    email: one('email')?.split(/[\s,;]+/)[0],
    phone: one('phone', ', '),
    ...(Object.values(address).some(Boolean) ? { address } : {}),
    vat_id: one('vat_id'),
    buyer_reference: one('buyer_reference'),
    locale: one('locale')?.toLowerCase(),
    ...(all.length ? { tags: all } : {}),
    notes: one('notes', '\n')
  };
}
