/** Pages of the tab, in the order of the navigation; each has its own chunk of script. */
export const PAGES = [
  "phone",
  "colleagues",
  "history",
  "voicemail",
  "redirects",
  "groups",
  "settings",
  "administration",
] as const;

export type Page = (typeof PAGES)[number];

/** Where a deep link leads: a page, what of it is meant, and perhaps a number for the dial field (a link never dials by itself). */
export interface Place {
  readonly page: Page;
  /** A call, an entry, a message or a filter of the page; empty for the page as a whole. */
  readonly item: string;
  readonly number: string;
}

/** What a dial field takes: longer strings are no numbers and are cut. */
export const LONGEST_NUMBER = 64;

/** Longest id that a link may name. */
const LONGEST_ITEM = 128;

/**
 * Reads `subPageId` of a Teams deep link: a page's name, perhaps with a colon and what of it is meant (`history:missed`),
 * `dial:<number>` or `call:<id>`. Anything else leads to the phone.
 */
export function placeOf(subPage: string): Place {
  const [name = "", ...rest] = subPage.split(":");
  const item = rest.join(":").trim().slice(0, LONGEST_ITEM);
  if (name === "dial") return { page: "phone", item: "", number: item.slice(0, LONGEST_NUMBER) };
  if (name === "call") return { page: "phone", item, number: "" };
  const page = PAGES.find((known) => known === name);
  return page === undefined ? { page: "phone", item: "", number: "" } : { page, item, number: "" };
}
