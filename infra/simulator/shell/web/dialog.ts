// Dialogs over the page: a frame with a page of the app (opened by the tab or by a bot's button), a card, or a text.
import type { ShellConfig } from './config.ts';
import { h, icon } from './dom.ts';
import type { TaskEnd, TaskInfo, TeamsHost } from './host.ts';
import type { Say } from './texts.ts';

const NAMED: Readonly<Record<string, readonly [number, number]>> = {
  small: [400, 300],
  medium: [600, 460],
  large: [860, 640],
};
const CLOSED_BY_PERSON = 'User cancelled/closed the task module.';

interface OpenDialog {
  readonly element: HTMLDialogElement;
  readonly end: (end: TaskEnd) => void;
}

function pixels(wanted: number | string | undefined, axis: 0 | 1): number {
  if (typeof wanted === 'number' && Number.isFinite(wanted)) return wanted;
  return (NAMED[String(wanted)] ?? NAMED['medium'])?.[axis] ?? 460;
}

/** A loopback address by another name is still this page's own service: use this page's name for it. */
export function onThisOrigin(url: string): string {
  const target = new URL(url, location.href);
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
  if (target.port === location.port && loopback.test(target.hostname) && loopback.test(location.hostname)) {
    target.protocol = location.protocol;
    target.hostname = location.hostname;
  }
  return target.href;
}

export class Dialogs {
  private readonly open = new Map<Window, OpenDialog>();

  constructor(
    private readonly config: ShellConfig,
    private readonly say: () => Say,
    private readonly host: () => TeamsHost,
  ) {}

  /** Show a page of the app; settles when the page submits or the person closes it. */
  showPage(info: TaskInfo, parent: Window | null): Promise<TaskEnd> {
    const frame = h('iframe', {
      class: 'dialog-frame',
      title: info.title ?? this.config.appName,
      allow: 'clipboard-write',
    });
    const ended = this.show(info, frame, (end) => {
      const inner = frame.contentWindow;
      if (inner !== null) {
        this.open.delete(inner);
        this.host().dismiss(inner);
      }
      return end;
    });
    const inner = frame.contentWindow;
    if (inner !== null) {
      this.open.set(inner, ended.dialog);
      this.host().admit(inner, 'task', parent);
    }
    frame.src = onThisOrigin(info.url);
    return ended.promise;
  }

  /** Show something of the shell's own; the given function is told how to close it with a result. */
  showContent(title: string, fill: (close: (result: unknown) => void) => HTMLElement, size: Partial<TaskInfo> = {}): Promise<TaskEnd> {
    const body = h('div', { class: 'dialog-content' });
    const shown = this.show({ url: '', title, height: 'auto', ...size }, body, (end) => end);
    body.append(fill((result) => shown.dialog.end({ result })));
    return shown.promise;
  }

  complete(frame: Window, result: unknown): void {
    this.open.get(frame)?.end({ result });
  }

  resize(frame: Window, info: Partial<TaskInfo>): void {
    const dialog = this.open.get(frame);
    if (dialog !== undefined) this.size(dialog.element, info);
  }

  private size(element: HTMLDialogElement, info: Partial<TaskInfo>): void {
    element.style.setProperty('--wanted-width', `${pixels(info.width, 0)}px`);
    element.style.setProperty('--wanted-height', info.height === 'auto' ? 'auto' : `${pixels(info.height, 1)}px`);
  }

  private show(
    info: TaskInfo,
    content: HTMLElement,
    tidy: (end: TaskEnd) => TaskEnd,
  ): { promise: Promise<TaskEnd>; dialog: OpenDialog } {
    const title = info.title ?? this.config.appName;
    const { promise, resolve } = Promise.withResolvers<TaskEnd>();
    const element = h('dialog', { class: 'dialog', 'aria-label': title });
    const end = (how: TaskEnd): void => {
      resolve(tidy(how));
      element.close();
      element.remove();
    };
    const close = h('button', { class: 'quiet', 'aria-label': this.say()('close'), onclick: () => end({ error: CLOSED_BY_PERSON }) }, icon('close'));
    element.append(h('header', { class: 'dialog-head' }, h('h2', {}, title), close), content);
    element.addEventListener('cancel', () => end({ error: CLOSED_BY_PERSON }));
    this.size(element, info);
    document.body.append(element);
    element.showModal();
    return { promise, dialog: { element, end } };
  }
}
