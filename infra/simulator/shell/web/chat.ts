// The chat pane: entries, typing, suggested actions, composer. It follows the person's chat at the simulated channel.
import { Bubble, type BubbleSurroundings } from './bubble.ts';
import { h, icon } from './dom.ts';
import type { Chat, ChatReader, Message, MicrosoftControl } from './microsoft.ts';

const TYPING_SHOWN = 10_000;

export interface ChatNews {
  /** A message of the bot has come in; `text` is a short preview. */
  arrived(text: string): void;
}

export class ChatPane implements ChatReader {
  private readonly head = h('header', { class: 'pane-head' });
  private readonly list = h('ol', { class: 'entries', role: 'log', 'aria-live': 'polite', tabindex: '0' });
  private readonly status = h('p', { class: 'chat-status', role: 'status' });
  private readonly suggested = h('div', { class: 'suggested' });
  private readonly input = h('textarea', { rows: '1' });
  private readonly sendButton = h('button', { class: 'quiet send', type: 'submit' }, icon('send'));
  private readonly composer = h('form', { class: 'composer' }, this.input, this.sendButton);
  readonly element = h('section', { class: 'pane chat-pane' }, this.head, this.list, this.suggested, this.status, this.composer);
  private readonly bubbles = new Map<string, Bubble>();
  private readonly undelivered = new Set<string>();
  private stop: () => void = () => undefined;
  private typingTimer = 0;
  private installed = true;
  private connected = true;

  constructor(
    private readonly around: BubbleSurroundings,
    private readonly microsoft: MicrosoftControl,
    private readonly news: ChatNews,
  ) {
    this.composer.addEventListener('submit', (event) => {
      event.preventDefault();
      this.sendTyped();
    });
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.sendTyped();
    });
  }

  /** Show the chat of the person who is signed in now. */
  follow(): void {
    this.stop();
    this.bubbles.clear();
    this.list.replaceChildren();
    this.stop = this.microsoft.follow(this.around.choices.user.id, this);
  }

  /** Draw everything anew, in another language or theme. */
  draw(): void {
    const say = this.around.say();
    const app = this.around.config.appName;
    const label = say(this.installed ? 'remove' : 'install');
    const installation = h('button', { class: 'quiet', onclick: () => void this.toggleInstallation() }, label);
    const bot = h('span', { class: 'tag' }, say('bot'));
    this.head.replaceChildren(h('span', { class: 'app-icon small' }, icon('app')), h('h2', {}, app), bot, h('span', { class: 'stretch' }), installation);
    this.list.setAttribute('aria-label', say('chatWith', { app }));
    this.element.setAttribute('aria-label', say('chatWith', { app }));
    this.input.placeholder = say('compose');
    this.input.setAttribute('aria-label', say('compose'));
    this.sendButton.setAttribute('aria-label', say('send'));
    for (const bubble of this.bubbles.values()) bubble.draw();
    this.drawStatus();
    this.drawSuggestions();
    this.scrollDown();
  }

  snapshot(chat: Chat): void {
    this.installed = chat.installed;
    this.bubbles.clear();
    this.list.replaceChildren();
    for (const message of chat.messages) this.add(message);
    this.draw();
    if (!chat.installed && chat.messages.length === 0) void this.microsoft.install(this.around.choices.user.id);
  }

  message(message: Message): void {
    this.add(message);
    if (message.from === 'bot') this.endTyping();
    this.drawSuggestions();
    this.drawStatus();
    this.scrollDown();
    if (message.from === 'bot') this.news.arrived(message.activity.text ?? '');
  }

  update(message: Message): void {
    this.bubbles.get(message.id)?.update(message);
  }

  remove(message: Message): void {
    this.update(message);
  }

  typing(): void {
    clearTimeout(this.typingTimer);
    this.typingTimer = window.setTimeout(() => this.endTyping(), TYPING_SHOWN);
    this.status.classList.add('typing');
    this.drawStatus();
  }

  installation(installed: boolean): void {
    this.installed = installed;
    this.draw();
  }

  connection(alive: boolean): void {
    this.connected = alive;
    this.drawStatus();
  }

  private endTyping(): void {
    clearTimeout(this.typingTimer);
    this.status.classList.remove('typing');
    this.drawStatus();
  }

  private add(message: Message): void {
    const bubble = new Bubble(message, this.around);
    if (this.undelivered.has(message.id)) bubble.markUndelivered();
    this.bubbles.set(message.id, bubble);
    this.list.append(bubble.element);
  }

  private drawStatus(): void {
    const say = this.around.say();
    const app = this.around.config.appName;
    this.element.classList.toggle('offline', !this.connected);
    if (!this.connected) this.status.replaceChildren(say('streamLost'));
    else if (!this.installed) this.status.replaceChildren(say('uninstalled'));
    else if (this.status.classList.contains('typing')) this.status.replaceChildren(dots(), say('typing', { app }));
    else this.status.replaceChildren(this.bubbles.size === 0 ? say('chatEmpty') : '');
  }

  private drawSuggestions(): void {
    const last = [...this.bubbles.values()].at(-1);
    const chips = (last?.fromBot === true ? last.suggestions : []).map(({ title, value }) =>
      h('button', { class: 'chip', onclick: () => void this.send(value) }, title),
    );
    this.suggested.replaceChildren(...chips);
  }

  private sendTyped(): void {
    const text = this.input.value.trim();
    if (text === '') return;
    this.input.value = '';
    void this.send(text);
  }

  private async send(text: string): Promise<void> {
    const { user, locale } = this.around.choices;
    const outcome = await this.microsoft.say(user.id, text, locale);
    if (outcome.status >= 200 && outcome.status < 300) return;
    // the answer may overtake the stream that brings the entry
    this.undelivered.add(outcome.id);
    this.bubbles.get(outcome.id)?.markUndelivered();
  }

  private async toggleInstallation(): Promise<void> {
    const user = this.around.choices.user.id;
    await (this.installed ? this.microsoft.uninstall(user) : this.microsoft.install(user));
  }

  private scrollDown(): void {
    requestAnimationFrame(() => this.list.scrollTo({ top: this.list.scrollHeight }));
  }
}

function dots(): HTMLElement {
  return h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
}
