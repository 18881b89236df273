import { describe, expect, it } from 'vitest';
import { clientOf, countryCodes, guess, looksLikeHead } from './columns';

describe('columns of a foreign table', () => {
  it('are recognised by their heads in four languages', () => {
    expect(guess(['Name', 'E-mail', 'Phone number', 'ZIP', 'City', 'Country', 'Colour'])).toEqual(['name', 'email', 'phone', 'postcode', 'city', 'country', '']);
    expect(guess(['Vorname', 'Nachname', 'E-Mail-Adresse', 'Straße', 'PLZ', 'Ort', 'USt-IdNr.'])).toEqual(['first_name', 'last_name', 'email', 'street', 'postcode', 'city', 'vat_id']);
    expect(guess(['Prénom', 'Nom', 'Courriel', 'Téléphone', 'Ville', 'Remarques'])).toEqual(['first_name', 'last_name', 'email', 'phone', 'city', 'notes']);
    expect(guess(['Nombre', 'Apellidos', 'Correo electrónico', 'Móvil', 'Dirección', 'Código postal'])).toEqual(['first_name', 'last_name', 'email', 'phone', 'street', 'postcode']);
  });

  it('take each field once, and know a name that stands alone', () => {
    expect(guess(['Email', 'E-mail'])).toEqual(['email', '']);
    expect(guess(['Nombre', 'Teléfono'])).toEqual(['name', 'phone']);
    expect(guess(['Vorname', 'Name'])).toEqual(['first_name', 'last_name']);
  });

  it('have heads or not', () => {
    expect(looksLikeHead(['Name', 'Ort'])).toBe(true);
    expect(looksLikeHead(['Wer', 'Woher'])).toBe(true);
    expect(looksLikeHead(['Ada', 'ada@example.org'])).toBe(false);
    expect(looksLikeHead(['Ada', '+49 30 1234'])).toBe(false);
  });
});

describe('a client out of a row', () => {
  const countries = countryCodes(['en', 'de']);

  it('joins the parts of a name and turns a country into its code', () => {
    const row = ['Ada', 'Lovelace', 'Österreich', 'vip; friend', ''];
    expect(clientOf(row, ['first_name', 'last_name', 'country', 'tags', 'email'], countries, ['imported']))
      .toEqual({ name: 'Ada Lovelace', address: { country: 'AT' }, tags: ['vip', 'friend', 'imported'] });
  });

  it('joins columns of one field and takes the first of several addresses', () => {
    expect(clientOf(['A', 'a@x.org; b@x.org', 'one', 'two'], ['name', 'email', 'notes', 'notes'], countries)).toEqual({ name: 'A', email: 'a@x.org', notes: 'one\ntwo' });
  });
});
