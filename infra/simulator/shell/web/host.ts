// The Teams side of the host protocol: answers what teams-js posts from the tab, from dialogs and from sign-in windows.
import type { Choices, ShellConfig } from './config.ts';
import { clientType, flatContext, runtime, type FrameContext } from './context.ts';

const SDK_VERSION = '2.1.0';

interface Request {
  readonly id?: number;
  readonly uuidAsString?: string;
  readonly func: string;
  readonly args?: readonly unknown[];
}

export interface TaskInfo {
  readonly url: string;
  readonly title?: string;
  readonly width?: number | string;
  readonly height?: number | string;
}

/** How a dialog ended: by its page with a result, or by the person, who closed it. */
export type TaskEnd = { readonly result: unknown } | { readonly error: string };

export interface HostDuties {
  token(): Promise<string>;
  openDialog(info: TaskInfo, parent: Window): Promise<TaskEnd>;
  completeDialog(frame: Window, result: unknown): void;
  resizeDialog(frame: Window, info: Partial<TaskInfo>): void;
  openLink(url: string): void;
  startCall(targets: readonly string[]): void;
  loaded(frame: Window, state: 'loaded' | 'success' | 'failure'): void;
  popupBlocked(): void;
}

interface Guest {
  readonly context: FrameContext;
  readonly handlers: Set<string>;
  /** The window to which results of this guest belong: the tab for a dialog or a sign-in window. */
  readonly parent: Window | null;
  finishSignIn?: (answer: readonly [boolean, unknown]) => void;
}

type Reply = (...args: readonly unknown[]) => void;

export class TeamsHost {
  private readonly guests = new Map<Window, Guest>();
  private readonly functions: Readonly<Record<string, (request: Request, source: Window, guest: Guest, reply: Reply) => void>>;

  constructor(
    private readonly config: ShellConfig,
    private readonly choices: Choices,
    private readonly duties: HostDuties,
  ) {
    this.functions = this.table();
    window.addEventListener('message', (event) => this.take(event));
  }

  admit(frame: Window, context: FrameContext, parent: Window | null = null): void {
    this.guests.set(frame, { context, handlers: new Set(), parent });
  }

  dismiss(frame: Window): void {
    this.guests.delete(frame);
  }

  /** Tell every guest that asked for it that the theme has changed. */
  themeChanged(): void {
    for (const [frame, guest] of this.guests) {
      if (guest.handlers.has('themeChange')) this.push(frame, 'themeChange', [this.choices.theme]);
    }
  }

  private push(frame: Window, func: string, args: readonly unknown[]): void {
    frame.postMessage({ func, args }, location.origin);
  }

  private take(event: MessageEvent<unknown>): void {
    const source = event.source as Window | null;
    const guest = source === null ? undefined : this.guests.get(source);
    if (source === null || guest === undefined || event.origin !== location.origin) return;
    const request = event.data as Request;
    if (typeof request !== 'object' || request === null || typeof request.func !== 'string') return;
    const reply: Reply = (...args) => {
      if (request.id === undefined) return;
      const { id, uuidAsString } = request;
      source.postMessage({ id, uuidAsString, args, monotonicTimestamp: performance.now() }, event.origin);
    };
    // functions of features that this host does not offer stay unanswered, as in Teams
    this.functions[request.func]?.(request, source, guest, reply);
  }

  private table(): TeamsHost['functions'] {
    return {
      initialize: (_request, _source, guest, reply) =>
        reply(guest.context, clientType(this.choices.client), runtime(), SDK_VERSION),
      getContext: (_request, _source, guest, reply) => reply(flatContext(this.config, this.choices, guest.context)),
      registerHandler: ({ args }, _source, guest) => {
        guest.handlers.add(String(args?.[0]));
      },
      'appInitialization.appLoaded': (_request, source) => this.duties.loaded(source, 'loaded'),
      'appInitialization.success': (_request, source, _guest, reply) => {
        this.duties.loaded(source, 'success');
        reply();
      },
      'appInitialization.failure': (_request, source) => this.duties.loaded(source, 'failure'),
      'appInitialization.expectedFailure': (_request, source) => this.duties.loaded(source, 'success'),
      'authentication.getAuthToken': (_request, _source, _guest, reply) => void this.giveToken(reply),
      'authentication.authenticate': ({ args }, source, _guest, reply) => this.openSignIn(args ?? [], source, reply),
      'authentication.authenticate.success': ({ args }, source, guest) => this.endSignIn(source, guest, [true, args?.[0]]),
      'authentication.authenticate.failure': ({ args }, source, guest) => this.endSignIn(source, guest, [false, args?.[0]]),
      'tasks.startTask': ({ args }, source, _guest, reply) => void this.openTask(args?.[0] as TaskInfo, source, reply),
      'tasks.completeTask': ({ args }, source) => this.duties.completeDialog(source, args?.[0]),
      'tasks.updateTask': ({ args }, source) => this.duties.resizeDialog(source, args?.[0] as Partial<TaskInfo>),
      messageForParent: ({ args }, _source, guest) => {
        if (guest.parent !== null) this.push(guest.parent, 'messageForParent', args ?? []);
      },
      messageForChild: ({ args }, source) => this.tellChildren(source, args ?? []),
      executeDeepLink: ({ args }, _source, _guest, reply) => {
        this.duties.openLink(String(args?.[0]));
        reply(true);
      },
      'call.startCall': ({ args }, _source, _guest, reply) => {
        const targets = (args?.[0] as { targets?: readonly string[] } | undefined)?.targets ?? [];
        this.duties.startCall(targets);
        reply(true);
      },
    };
  }

  private async giveToken(reply: Reply): Promise<void> {
    if (this.choices.tokenError !== null) {
      reply(false, this.choices.tokenError);
      return;
    }
    try {
      reply(true, await this.duties.token());
    } catch {
      reply(false, 'serverError');
    }
  }

  private async openTask(info: TaskInfo, source: Window, reply: Reply): Promise<void> {
    const end = await this.duties.openDialog(info, source);
    if ('error' in end) reply(end.error);
    else reply(null, end.result);
  }

  private tellChildren(parent: Window, args: readonly unknown[]): void {
    for (const [frame, guest] of this.guests) {
      if (guest.parent === parent && guest.context === 'task') this.push(frame, 'messageForChild', args);
    }
  }

  private openSignIn(args: readonly unknown[], source: Window, reply: Reply): void {
    const [url, width = 600, height = 640] = args;
    const popup = window.open(String(url), 'teams-sign-in', `popup,width=${Number(width)},height=${Number(height)}`);
    if (popup === null) {
      this.duties.popupBlocked();
      reply(false, 'FailedToOpenWindow');
      return;
    }
    this.admit(popup, 'authentication', source);
    const guest = this.guests.get(popup);
    const watch = setInterval(() => {
      if (popup.closed && guest !== undefined) this.endSignIn(popup, guest, [false, 'CancelledByUser']);
    }, 500);
    if (guest !== undefined) {
      guest.finishSignIn = (answer) => {
        clearInterval(watch);
        reply(...answer);
      };
    }
  }

  private endSignIn(source: Window, guest: Guest, answer: readonly [boolean, unknown]): void {
    guest.finishSignIn?.(answer);
    this.dismiss(source);
    source.close();
  }
}
