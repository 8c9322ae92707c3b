// The bar in the header with which one plays: who is signed in, theme, language, device.
import { CLIENTS, LOCALES, THEMES, type Choices, type ShellConfig } from './config.ts';
import { h, icon } from './dom.ts';
import type { Say, TextKey } from './texts.ts';

interface Option {
  readonly value: string;
  readonly label: string;
  readonly group?: string;
}

const THEME_TEXTS: Readonly<Record<(typeof THEMES)[number], TextKey>> = {
  default: 'themeDefault',
  dark: 'themeDark',
  contrast: 'themeContrast',
};
const CLIENT_TEXTS: Readonly<Record<(typeof CLIENTS)[number], TextKey>> = {
  web: 'clientWeb',
  desktop: 'clientDesktop',
  mobile: 'clientMobile',
};
const LOCALE_NAMES: Readonly<Record<(typeof LOCALES)[number], string>> = { 'de-de': 'Deutsch', 'en-us': 'English' };

function select(label: string, name: string, options: readonly Option[], chosen: string, pick: (value: string) => void): HTMLElement {
  const groups = new Map<string, HTMLElement[]>();
  for (const { value, label: text, group = '' } of options) {
    const option = h('option', { value, selected: value === chosen }, text);
    groups.set(group, [...(groups.get(group) ?? []), option]);
  }
  const children = [...groups].flatMap(([group, members]) => (group === '' ? members : [h('optgroup', { label: group }, ...members)]));
  const field = h('select', { name, onchange: (event: Event) => pick((event.target as HTMLSelectElement).value) }, ...children);
  return h('label', { class: 'choice' }, h('span', {}, label), field);
}

/** Draw the bar; `change` is called after a choice has been stored in `choices`. */
export function controls(config: ShellConfig, choices: Choices, say: Say, change: (what: keyof Choices) => void): HTMLElement {
  const pick = <K extends keyof Choices>(what: K, value: Choices[K] | undefined): void => {
    if (value === undefined) return;
    choices[what] = value;
    change(what);
  };
  const people = config.users.map(({ id, name, tenantName }) => ({ value: id, label: name, group: tenantName }));
  const bar = h(
    'div',
    { class: 'controls', id: 'controls', role: 'group', 'aria-label': say('settings') },
    select(say('theme'), 'theme', THEMES.map((value) => ({ value, label: say(THEME_TEXTS[value]) })), choices.theme, (value) =>
      pick('theme', THEMES.find((theme) => theme === value)),
    ),
    select(say('language'), 'locale', LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value] })), choices.locale, (value) =>
      pick('locale', LOCALES.find((locale) => locale === value)),
    ),
    select(say('client'), 'client', CLIENTS.map((value) => ({ value, label: say(CLIENT_TEXTS[value]) })), choices.client, (value) =>
      pick('client', CLIENTS.find((client) => client === value)),
    ),
    select(say('user'), 'user', people, choices.user.id, (value) => pick('user', config.users.find(({ id }) => id === value))),
  );
  return bar;
}

/** The button that shows and hides the bar where there is no room for it. */
export function controlsButton(say: Say, toggle: () => boolean): HTMLElement {
  const button = h('button', { class: 'quiet controls-button', 'aria-controls': 'controls', 'aria-expanded': 'false', 'aria-label': say('settings') }, icon('settings'));
  button.addEventListener('click', () => button.setAttribute('aria-expanded', String(toggle())));
  return button;
}
