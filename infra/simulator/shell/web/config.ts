// What the server tells this page about its surroundings, and what the person has chosen.

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly principalName: string;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly isAdmin: boolean;
  readonly locale: string;
  readonly phoneLogin: string | null;
}

export interface Caller {
  readonly name: string;
  readonly number: string;
}

export interface ShellConfig {
  readonly microsoftControlUrl: string;
  readonly starfaceControlUrl: string | null;
  readonly tabUrl: string;
  readonly appName: string;
  readonly appId: string;
  readonly entityId: string;
  readonly users: readonly Person[];
  readonly callers: readonly Caller[];
}

export const THEMES = ['default', 'dark', 'contrast'] as const;
export const LOCALES = ['de-de', 'en-us'] as const;
export const CLIENTS = ['web', 'desktop', 'mobile'] as const;
export const VIEWS = ['both', 'app', 'chat'] as const;

export type Theme = (typeof THEMES)[number];
export type Locale = (typeof LOCALES)[number];
export type Client = (typeof CLIENTS)[number];
export type View = (typeof VIEWS)[number];

export interface Choices {
  user: Person;
  theme: Theme;
  locale: Locale;
  client: Client;
  view: View;
  subPage: string | null;
  /** An error code with which the host refuses every single sign-on token, to try the app's reaction. */
  tokenError: string | null;
}

export async function loadConfig(): Promise<ShellConfig> {
  const answer = await fetch('/shell/config.json', { cache: 'no-store' });
  if (!answer.ok) throw new Error(`config.json: ${answer.status}`);
  return (await answer.json()) as ShellConfig;
}

function oneOf<T extends string>(values: readonly T[], wanted: string | null, otherwise: T): T {
  return values.find((value) => value === wanted) ?? otherwise;
}

/** The choices of the address line; what it does not say comes from the browser or is the first of the list. */
export function readChoices(config: ShellConfig, query: URLSearchParams): Choices {
  const key = query.get('user');
  const user = config.users.find((person) => person.id === key || person.principalName === key) ?? config.users[0];
  if (user === undefined) throw new Error('config.json names nobody');
  const german = navigator.language.toLowerCase().startsWith('de');
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  return {
    user,
    theme: oneOf(THEMES, query.get('theme'), dark ? 'dark' : 'default'),
    locale: oneOf(LOCALES, query.get('locale'), german ? 'de-de' : 'en-us'),
    client: oneOf(CLIENTS, query.get('client'), 'web'),
    view: oneOf(VIEWS, query.get('view'), 'both'),
    subPage: query.get('subPage'),
    tokenError: query.get('tokenError'),
  };
}

/** Keep the choices in the address line, so that a reload or a shared link shows the same. */
export function rememberChoices(choices: Choices): void {
  const query = new URLSearchParams({
    user: choices.user.id,
    theme: choices.theme,
    locale: choices.locale,
    client: choices.client,
    view: choices.view,
  });
  if (choices.subPage !== null) query.set('subPage', choices.subPage);
  if (choices.tokenError !== null) query.set('tokenError', choices.tokenError);
  history.replaceState(null, '', `?${query}`);
}
