// The page: puts rail, header, tab, chat and phone strip together and reacts to choices.
import { Actions, type TaskSurface } from './actions.ts';
import { renderCard } from './card.ts';
import { ChatPane } from './chat.ts';
import { loadConfig, readChoices, rememberChoices, VIEWS, type Choices, type ShellConfig, type View } from './config.ts';
import { controls, controlsButton } from './controls.ts';
import { Dialogs } from './dialog.ts';
import { avatar, h, icon, type IconName } from './dom.ts';
import { TeamsHost, type HostDuties } from './host.ts';
import { followLink } from './links.ts';
import { MicrosoftControl } from './microsoft.ts';
import { PhoneStrip } from './phone.ts';
import { splitter } from './splitter.ts';
import { TabPane } from './tabpane.ts';
import { sayIn, type Say, type TextKey } from './texts.ts';
import { Toasts } from './toast.ts';

const VIEW_LOOKS: Readonly<Record<View, readonly [IconName, TextKey]>> = {
  both: ['both', 'showBoth'],
  app: ['app', 'showApp'],
  chat: ['chat', 'showChat'],
};
const NARROW = matchMedia('(max-width: 820px)');

class Shell {
  private readonly choices: Choices;
  private readonly toasts = new Toasts();
  private readonly microsoft: MicrosoftControl;
  private readonly host: TeamsHost;
  private readonly dialogs: Dialogs;
  private readonly tab: TabPane;
  private readonly chat: ChatPane;
  private readonly phone: PhoneStrip;
  private readonly panes = h('main', { class: 'panes' });
  private readonly logo = h('img', { src: '/shell/icon.svg', alt: '', class: 'logo' });
  private unread = 0;

  constructor(private readonly config: ShellConfig) {
    this.choices = readChoices(config, new URLSearchParams(location.search));
    this.microsoft = new MicrosoftControl(config.microsoftControlUrl, () => this.choices.locale);
    const say = (): Say => this.say();
    this.dialogs = new Dialogs(config, say, () => this.host);
    this.tab = new TabPane(config, say, () => this.host);
    this.host = new TeamsHost(config, this.choices, this.duties());
    const actions = new Actions(this.microsoft, this.choices, this.surface());
    const openLink = (url: string): void => this.openLink(url);
    const around = { config, choices: this.choices, actions, say, openLink };
    this.chat = new ChatPane(around, this.microsoft, { arrived: (text) => this.notice(text) });
    this.phone = new PhoneStrip({ config, choices: this.choices, say });
  }

  start(): void {
    this.draw();
    this.tab.load();
    this.chat.follow();
    NARROW.addEventListener('change', () => this.draw());
  }

  private say(): Say {
    return sayIn(this.choices.locale);
  }

  private draw(): void {
    const { choices } = this;
    const say = this.say();
    const root = document.documentElement;
    root.lang = choices.locale;
    root.dataset['theme'] = choices.theme;
    root.dataset['client'] = choices.client;
    root.dataset['layout'] = choices.client === 'mobile' || NARROW.matches ? 'narrow' : 'wide';
    root.dataset['view'] = root.dataset['layout'] === 'narrow' && choices.view === 'both' ? 'app' : choices.view;
    document.title = `${this.config.appName} – ${say('simulatedShort')}`;
    this.tab.draw();
    this.chat.draw();
    this.phone.draw();
    this.drawPanes(say);
    if (document.querySelector('.window') === null) this.mount();
    this.drawFrame(say);
    rememberChoices(choices);
  }

  private drawPanes(say: Say): void {
    // the frame must not be moved in the document: that would load the tab again
    if (this.tab.element.parentElement === this.panes) {
      this.panes.querySelector('.splitter')?.setAttribute('aria-label', say('splitter'));
      return;
    }
    this.panes.append(this.tab.element, splitter(this.panes, say('splitter')), this.chat.element);
  }

  private mount(): void {
    const window = h('div', { class: 'window' }, h('header', { class: 'slot-header' }), h('nav', { class: 'slot-nav' }));
    window.append(this.panes, this.phone.element);
    document.body.replaceChildren(window, this.toasts.element);
  }

  private drawFrame(say: Say): void {
    const { choices, config } = this;
    const bar = controls(config, choices, say, (what) => this.chosen(what));
    const button = controlsButton(say, () => bar.classList.toggle('open'));
    const badge = h('span', { class: 'badge' }, h('span', { class: 'long' }, say('simulated')), h('span', { class: 'short' }, say('simulatedShort')));
    document.querySelector('.slot-header')?.replaceChildren(
      this.logo, badge, h('span', { class: 'stretch' }), bar, button, avatar(choices.user.name),
    );
    const rail = document.querySelector('.slot-nav');
    rail?.setAttribute('aria-label', say('apps'));
    rail?.replaceChildren(...VIEWS.map((view) => this.railButton(view, say)));
  }

  private railButton(view: View, say: Say): HTMLElement {
    const [picture, text] = VIEW_LOOKS[view];
    const shown = document.documentElement.dataset['view'] === view;
    const news = view === 'chat' && this.unread > 0 ? h('span', { class: 'unread', 'aria-label': `${this.unread} ${say('unread')}` }, String(this.unread)) : null;
    const pick = (): void => {
      this.choices.view = view;
      this.chosen('view');
    };
    return h('button', { class: `rail-button for-${view}`, 'aria-pressed': String(shown), onclick: pick }, icon(picture), h('span', {}, say(text)), news);
  }

  private chosen(what: keyof Choices): void {
    if (document.documentElement.dataset['view'] !== 'app' || this.choices.view !== 'app') this.unread = 0;
    this.draw();
    if (what === 'theme') this.host.themeChanged();
    if (what === 'user' || what === 'locale' || what === 'client' || what === 'subPage') this.tab.load();
    if (what === 'user') this.chat.follow();
  }

  private notice(text: string): void {
    if (document.documentElement.dataset['view'] !== 'app') return;
    this.unread += 1;
    this.drawFrame(this.say());
    this.toasts.show(this.say()('newMessage', { app: this.config.appName }), text, this.say()('close'));
  }

  private toast(key: TextKey, values: Readonly<Record<string, string>> = {}): void {
    this.toasts.show(this.say()(key, values), '', this.say()('close'));
  }

  private openLink(url: string): void {
    followLink(url, {
      subPage: (page) => {
        this.choices.subPage = page;
        this.choices.view = this.choices.view === 'chat' ? 'both' : this.choices.view;
        this.chosen('subPage');
      },
      call: (target) => this.toast('wouldCall', { target }),
      other: (target) => this.toast('wouldOpen', { target }),
    });
  }

  private duties(): HostDuties {
    return {
      token: () => this.microsoft.token(this.choices.user.id),
      openDialog: (info, parent) => this.dialogs.showPage(info, parent),
      completeDialog: (frame, result) => this.dialogs.complete(frame, result),
      resizeDialog: (frame, info) => this.dialogs.resize(frame, info),
      openLink: (url) => this.openLink(url),
      startCall: (targets) => this.toast('wouldCall', { target: targets.map((t) => t.replace(/^4:/, '')).join(', ') }),
      loaded: (frame, state) => this.tab.started(frame, state),
      popupBlocked: () => this.toast('popupBlocked'),
    };
  }

  private surface(): TaskSurface {
    return {
      showPage: (info) => this.dialogs.showPage(info, null),
      showCard: (title, card, info) =>
        this.dialogs.showContent(title, (close) => {
          const { theme, locale } = this.choices;
          const clicks = { execute: () => undefined, submit: close, openUrl: (url: string) => this.openLink(url) };
          return renderCard(card, theme, locale, clicks) ?? h('p', {}, this.say()('unsupportedCard'));
        }, info),
      showText: (title, text) => this.dialogs.showContent(title, () => h('p', {}, text)),
      openLink: (url) => this.openLink(url),
    };
  }
}

loadConfig().then(
  (config) => new Shell(config).start(),
  (error: unknown) => document.body.replaceChildren(h('p', { class: 'fatal' }, String(error))),
);
