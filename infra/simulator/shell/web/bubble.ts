// One entry of the chat: text, cards, what a click gave, and the marks "edited" and "deleted".
import { CARD_TYPE, type Actions, type ClickResult } from './actions.ts';
import { classicAsAdaptive, renderCard, type CardJson } from './card.ts';
import type { Choices, ShellConfig } from './config.ts';
import { h, icon } from './dom.ts';
import { renderMarkdown } from './markdown.ts';
import type { Attachment, Message } from './microsoft.ts';
import type { Say } from './texts.ts';

const CLASSIC = new Set(['application/vnd.microsoft.card.hero', 'application/vnd.microsoft.card.thumbnail']);

export interface BubbleSurroundings {
  readonly config: ShellConfig;
  readonly choices: Choices;
  readonly actions: Actions;
  say(): Say;
  openLink(url: string): void;
}

export class Bubble {
  readonly element = h('li', { class: 'entry' });
  private override: CardJson | null = null;
  private remark: string | null = null;
  private busy = false;
  private undelivered = false;
  private refreshed = -1;

  constructor(
    private message: Message,
    private readonly around: BubbleSurroundings,
  ) {
    this.draw();
  }

  get fromBot(): boolean {
    return this.message.from === 'bot';
  }

  get suggestions(): readonly { title: string; value: string }[] {
    const actions = this.message.activity.suggestedActions?.actions ?? [];
    return actions.filter((a) => a.type === 'imBack').map((a) => ({ title: a.title, value: String(a.value ?? a.title) }));
  }

  /** Take the newest form from the bot; it replaces whatever a click had put in its place. */
  update(message: Message): void {
    this.message = message;
    this.override = null;
    this.draw();
  }

  markUndelivered(): void {
    this.undelivered = true;
    this.draw();
  }

  draw(): void {
    const say = this.around.say();
    const name = this.fromBot ? this.around.config.appName : this.around.choices.user.name;
    const time = new Date(this.message.at).toLocaleTimeString(this.around.choices.locale, { hour: 'numeric', minute: '2-digit' });
    const edited = this.message.edits > 0 && !this.message.deleted ? h('span', { class: 'edited' }, say('edited')) : null;
    const lost = this.undelivered ? h('span', { class: 'undelivered', role: 'status' }, say('notDelivered')) : null;
    const head = h('div', { class: 'entry-head' }, h('b', {}, name), h('time', { datetime: this.message.at }, time), edited, lost);
    const body = this.message.deleted ? [h('p', { class: 'bubble gone' }, say('deleted'))] : this.parts();
    const remark = this.remark === null ? null : h('p', { class: 'remark', role: 'status' }, this.remark);
    this.element.className = this.fromBot ? 'entry by-bot' : 'entry by-user';
    this.element.dataset['messageId'] = this.message.id;
    this.element.classList.toggle('busy', this.busy);
    this.element.replaceChildren(...(this.fromBot ? [h('span', { class: 'app-icon' }, icon('app'))] : []), h('div', { class: 'entry-body' }, head, ...body, remark));
    this.refreshCard();
  }

  private parts(): HTMLElement[] {
    const { activity } = this.message;
    const cards = this.fromBot ? (activity.attachments ?? []).map((attachment) => this.attachment(attachment)) : [];
    return [...this.text(), ...cards.filter((card) => card !== null)];
  }

  private text(): HTMLElement[] {
    const { text, textFormat } = this.message.activity;
    if (text === undefined || text.trim() === '') return [];
    const bubble = h('div', { class: 'bubble' });
    if (this.fromBot && textFormat !== 'plain') bubble.innerHTML = renderMarkdown(text);
    else bubble.append(h('p', {}, text));
    return [bubble];
  }

  private attachment(attachment: Attachment): HTMLElement | null {
    if (attachment.contentType === CARD_TYPE) return this.card(this.override ?? (attachment.content as CardJson));
    if (CLASSIC.has(attachment.contentType)) return this.card(classicAsAdaptive(attachment.content as CardJson));
    return null;
  }

  private card(json: CardJson): HTMLElement {
    const { choices, actions, config } = this.around;
    const drawn = renderCard(json, choices.theme, choices.locale, {
      execute: (verb, data, id) => void this.click(() => actions.execute(this.message.id, verb, data, id, 'manual')),
      submit: (data) => void this.click(() => actions.submit(this.message.id, data)),
      openUrl: (url) => this.around.openLink(url),
    });
    const shown = drawn ?? h('p', { class: 'card-fallback' }, this.around.say()('unsupportedCard'));
    const label = this.around.say()('cardLabel', { app: config.appName });
    return h('div', { class: 'bubble card-bubble', role: 'group', 'aria-label': label }, shown);
  }

  /** Carry out a click; further clicks are ignored until it is answered. */
  private async click(act: () => Promise<ClickResult>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.remark = null;
    this.element.classList.add('busy');
    const result = await act();
    this.busy = false;
    if (result.kind === 'card') this.override = result.card;
    if (result.kind === 'remark') this.remark = result.text;
    if (result.kind === 'failure') this.remark = this.around.say()('notReached');
    this.draw();
  }

  /** A card with `refresh` fetches its newest form once for each version that comes into view. */
  private refreshCard(): void {
    const content = this.message.activity.attachments?.[0]?.content as CardJson | undefined;
    const refresh = content?.['refresh'] as { action?: { verb?: string; data?: unknown } } | undefined;
    if (!this.fromBot || refresh?.action === undefined || this.refreshed === this.message.edits) return;
    this.refreshed = this.message.edits;
    const { verb = '', data = {} } = refresh.action;
    void this.around.actions.execute(this.message.id, verb, data, undefined, 'automaticRefresh').then((result) => {
      if (result.kind !== 'card') return;
      this.override = result.card;
      this.draw();
    });
  }
}
