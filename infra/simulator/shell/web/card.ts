// Adaptive Cards as Teams shows them: version 1.5 at most, in the three themes, with clickable actions.
import * as AC from 'adaptivecards';
import type { Theme } from './config.ts';
import { h } from './dom.ts';
import { hostConfig } from './cardstyle.ts';
import { renderMarkdown } from './markdown.ts';

export type CardJson = Readonly<Record<string, unknown>>;

export interface CardClicks {
  execute(verb: string, data: unknown, id: string | undefined): void;
  submit(data: unknown): void;
  openUrl(url: string): void;
}

AC.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = renderMarkdown(text);
  result.didProcess = true;
};

const NEWEST: readonly [number, number] = [1, 5];

function tooNew(version: unknown): boolean {
  const [major = 0, minor = 0] = String(version ?? '1.0').split('.').map(Number);
  return major > NEWEST[0] || (major === NEWEST[0] && minor > NEWEST[1]);
}

function click(action: AC.Action, clicks: CardClicks): void {
  if (action instanceof AC.ExecuteAction) clicks.execute(action.verb ?? '', action.data ?? {}, action.id);
  else if (action instanceof AC.SubmitAction) clicks.submit(action.data ?? {});
  else if (action instanceof AC.OpenUrlAction) clicks.openUrl(action.url ?? '');
}

/** Draw a card; returns null when Teams could not show it. */
export function renderCard(json: CardJson, theme: Theme, locale: string, clicks: CardClicks): HTMLElement | null {
  if (tooNew(json['version'])) {
    const text = json['fallbackText'];
    return typeof text === 'string' ? h('p', { class: 'card-fallback' }, text) : null;
  }
  const card = new AC.AdaptiveCard();
  card.hostConfig = new AC.HostConfig(hostConfig(theme));
  card.parse({ lang: locale, ...json });
  card.onExecuteAction = (action) => click(action, clicks);
  const drawn = card.render();
  if (drawn === undefined) return null;
  for (const link of drawn.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  return h('div', { class: json['msteams'] && (json['msteams'] as { width?: string }).width === 'Full' ? 'card full' : 'card' }, drawn);
}

interface ClassicButton {
  readonly type: string;
  readonly title: string;
  readonly value?: unknown;
}

/** Hero and thumbnail cards drawn as the adaptive cards that they resemble. */
export function classicAsAdaptive(content: Readonly<Record<string, unknown>>): CardJson {
  const buttons = (content['buttons'] ?? []) as readonly ClassicButton[];
  const line = (text: unknown, more: object): object[] =>
    typeof text === 'string' && text !== '' ? [{ type: 'TextBlock', text, wrap: true, ...more }] : [];
  return {
    type: 'AdaptiveCard',
    version: '1.5',
    body: [
      ...line(content['title'], { weight: 'bolder', size: 'medium' }),
      ...line(content['subtitle'], { isSubtle: true }),
      ...line(content['text'], {}),
    ],
    actions: buttons.map((button) =>
      button.type === 'openUrl'
        ? { type: 'Action.OpenUrl', title: button.title, url: button.value }
        : { type: 'Action.Submit', title: button.title, data: { msteams: { type: button.type, value: button.value } } },
    ),
  };
}
