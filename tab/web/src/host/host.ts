/** Which Fluent theme Teams shows. */
export type Theme = "light" | "dark" | "contrast";

/** What Teams says about the place in which this page is shown. */
export interface Surroundings {
  readonly theme: Theme;
  /** BCP 47 tag of Teams' own language, e.g. `de-DE`. */
  readonly locale: string;
  /** Deep-link payload; see `places.ts`. Empty without one. */
  readonly subPage: string;
  /** Whether this client can start a Teams call. */
  readonly callsWithTeams: boolean;
}

/** Why there are no surroundings: this page was opened by itself, or the host does not answer. */
export class NoHost extends Error {
  override readonly name = "NoHost";
}

/** Teams around this page. One implementation speaks to the real thing (`teams.ts`); tests bring their own. */
export interface Host {
  /** Waits for Teams. Throws {@link NoHost} outside of it. */
  start(): Promise<Surroundings>;
  /** Calls back with each change of the theme. */
  onTheme(changed: (theme: Theme) => void): void;
  /** Tells Teams that the page has something to show. */
  ready(): void;
  /** A token for the service. Throws a `Problem` with a `teams_…` code. */
  token(): Promise<string>;
  /** Opens Microsoft's consent window; only as an answer to a click. */
  askConsent(): Promise<void>;
  /** Starts a Teams call to an E.164 number; Teams asks for confirmation. */
  callWithTeams(number: string): Promise<void>;
  /** Ends the dialog in which this page is shown and hands `result` to the one who opened it. */
  submitDialog(result: Readonly<Record<string, string>>): boolean;
}
