/** Pages of the tab; each has its own chunk of script. */
export type Page = "phone" | "administration";

/** Where a deep link leads: a page, and perhaps a number to put into the dial field (it is never dialled by the link itself). */
export interface Place {
  readonly page: Page;
  readonly number: string;
}

/** What a dial field takes: longer strings are no numbers and are cut. */
export const LONGEST_NUMBER = 64;

/** Reads `subPageId` of a Teams deep link: a page's name, or `dial:<number>`. Anything else leads to the phone. */
export function placeOf(subPage: string): Place {
  const [name, ...rest] = subPage.split(":");
  if (name === "dial") return { page: "phone", number: rest.join(":").trim().slice(0, LONGEST_NUMBER) };
  return { page: name === "administration" ? "administration" : "phone", number: "" };
}
