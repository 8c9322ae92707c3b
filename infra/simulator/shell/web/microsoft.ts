// The simulated Microsoft side's control interface, as this page uses it.

export interface Activity {
  readonly type: string;
  readonly text?: string;
  readonly textFormat?: string;
  readonly attachments?: readonly Attachment[];
  readonly suggestedActions?: { readonly actions?: readonly CardAction[] };
  readonly channelData?: { readonly notification?: { readonly alert?: boolean } };
}

export interface Attachment {
  readonly contentType: string;
  readonly content?: unknown;
  readonly name?: string;
}

export interface CardAction {
  readonly type: string;
  readonly title: string;
  readonly value?: unknown;
}

export interface Message {
  readonly id: string;
  readonly from: 'bot' | 'user';
  readonly at: string;
  readonly activity: Activity;
  readonly edits: number;
  readonly deleted: boolean;
}

export interface Chat {
  readonly conversationId: string;
  readonly installed: boolean;
  readonly messages: readonly Message[];
}

/** What the bot answered to an activity; status 0 means that it did not answer at all. */
export interface Outcome {
  readonly id: string;
  readonly status: number;
  readonly body: unknown;
}

export interface ChatReader {
  snapshot(chat: Chat): void;
  message(message: Message): void;
  update(message: Message): void;
  remove(message: Message): void;
  typing(): void;
  installation(installed: boolean): void;
  connection(alive: boolean): void;
}

const UNREACHED: Outcome = { id: '', status: 0, body: null };

export class MicrosoftControl {
  constructor(
    private readonly base: string,
    private readonly locale: () => string,
  ) {}

  async token(userId: string): Promise<string> {
    const body = (await this.post(`users/${userId}/token`, {})) as { token: string };
    return body.token;
  }

  install(userId: string): Promise<unknown> {
    return this.post(`users/${userId}/install`, {});
  }

  uninstall(userId: string): Promise<unknown> {
    return this.post(`users/${userId}/uninstall`, {});
  }

  say(userId: string, text: string, locale: string): Promise<Outcome> {
    return this.outcome(`users/${userId}/message`, { text, locale });
  }

  submit(userId: string, value: unknown, replyToId: string): Promise<Outcome> {
    return this.outcome(`users/${userId}/submit`, { value, replyToId });
  }

  invoke(userId: string, name: string, value: unknown, replyToId?: string): Promise<Outcome> {
    return this.outcome(`users/${userId}/invoke`, { name, value, ...(replyToId === undefined ? {} : { replyToId }) });
  }

  /** Follow a person's chat until the returned function is called. */
  follow(userId: string, reader: ChatReader): () => void {
    const source = new EventSource(`${this.base}/users/${userId}/stream`);
    const on = <T>(name: string, take: (data: T) => void): void =>
      source.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent<string>).data) as T));
    on<Chat>('snapshot', (chat) => reader.snapshot(chat));
    on<Message>('message', (message) => reader.message(message));
    on<Message>('update', (message) => reader.update(message));
    on<Message>('delete', (message) => reader.remove(message));
    on('typing', () => reader.typing());
    on<{ installed: boolean }>('installation', ({ installed }) => reader.installation(installed));
    source.onopen = () => reader.connection(true);
    source.onerror = () => reader.connection(false);
    return () => source.close();
  }

  private async outcome(path: string, body: unknown): Promise<Outcome> {
    try {
      return (await this.post(path, body)) as Outcome;
    } catch {
      return UNREACHED;
    }
  }

  private async post(path: string, body: unknown): Promise<unknown> {
    const answer = await fetch(`${this.base}/${path}?locale=${this.locale()}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  }
}
