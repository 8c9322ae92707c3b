// The pane with the app's tab in a frame, and what Teams shows while the tab loads or does not answer.
import type { ShellConfig } from './config.ts';
import { h, icon } from './dom.ts';
import type { TeamsHost } from './host.ts';
import type { Say } from './texts.ts';

const PATIENCE = 30_000;
const SANDBOX = 'allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-scripts allow-same-origin allow-downloads';

export class TabPane {
  private readonly head = h('header', { class: 'pane-head' });
  private readonly cover = h('div', { class: 'cover', role: 'status' });
  private readonly stage = h('div', { class: 'stage' });
  // put together once: a frame that is moved in the document loads its page again
  readonly element = h('section', { class: 'pane tab-pane' }, this.head, this.stage);
  private frame: HTMLIFrameElement | null = null;
  private timer = 0;
  private state: 'loading' | 'shown' | 'failed' = 'loading';

  constructor(
    private readonly config: ShellConfig,
    private readonly say: () => Say,
    private readonly host: () => TeamsHost,
  ) {}

  get window(): Window | null {
    return this.frame?.contentWindow ?? null;
  }

  /** Load the tab anew, as Teams does for another person, language or place in the app. */
  load(): void {
    if (this.window !== null) this.host().dismiss(this.window);
    const app = this.config.appName;
    this.frame = h('iframe', { class: 'tab-frame', title: this.say()('tabFrame', { app }), sandbox: SANDBOX, allow: 'clipboard-write; microphone' });
    this.stage.replaceChildren(this.frame, this.cover);
    if (this.window !== null) this.host().admit(this.window, 'content');
    this.frame.src = this.config.tabUrl;
    this.setState('loading');
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.state === 'loading' && this.setState('failed'), PATIENCE);
  }

  /** What the tab said about its start. */
  started(frame: Window, state: 'loaded' | 'success' | 'failure'): void {
    if (frame === this.window) this.setState(state === 'failure' ? 'failed' : 'shown');
  }

  draw(): void {
    const say = this.say();
    const app = this.config.appName;
    const reload = h('button', { class: 'quiet', 'aria-label': say('reload'), title: say('reload'), onclick: () => this.load() }, icon('reload'));
    const name = h('span', { class: 'tab-name', 'aria-current': 'page' }, say('tab'));
    this.head.replaceChildren(h('span', { class: 'app-icon small' }, icon('app')), h('h2', {}, app), name, h('span', { class: 'stretch' }), reload);
    this.element.setAttribute('aria-label', say('tabFrame', { app }));
    this.drawCover();
  }

  private setState(state: TabPane['state']): void {
    this.state = state;
    this.drawCover();
  }

  private drawCover(): void {
    const say = this.say();
    const app = this.config.appName;
    this.cover.hidden = this.state === 'shown';
    this.cover.dataset['state'] = this.state;
    if (this.state === 'loading') this.cover.replaceChildren(h('span', { class: 'spinner', 'aria-hidden': 'true' }), say('tabLoading', { app }));
    if (this.state === 'failed') this.cover.replaceChildren(say('tabFailed'), h('button', { class: 'primary', onclick: () => this.load() }, say('reload')));
  }
}
