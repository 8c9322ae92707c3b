// The shell's own texts. German is the reference; the type makes sure that English has the same keys.
import de from '../texts/de.json';
import en from '../texts/en.json';
import type { Locale } from './config.ts';

export type TextKey = keyof typeof de;
type Texts = Readonly<Record<TextKey, string>>;

const BY_LOCALE: Readonly<Record<Locale, Texts>> = { 'de-de': de, 'en-us': en };

export type Say = (key: TextKey, values?: Readonly<Record<string, string>>) => string;

/** Look up a text and fill in its `{placeholders}`. */
export function sayIn(locale: Locale): Say {
  return (key, values = {}) => BY_LOCALE[locale][key].replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
