// What a click in the chat does: the invokes and messages that Teams sends to the bot for it.
import type { CardJson } from './card.ts';
import type { Choices } from './config.ts';
import type { TaskEnd, TaskInfo } from './host.ts';
import type { MicrosoftControl, Outcome } from './microsoft.ts';

export const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';
const TEXT_TYPE = 'application/vnd.microsoft.activity.message';

/** What is to be shown after a click: a new card in the old place, a remark below it, a failure, or nothing. */
export type ClickResult =
  | { readonly kind: 'card'; readonly card: CardJson }
  | { readonly kind: 'remark'; readonly text: string }
  | { readonly kind: 'failure' }
  | { readonly kind: 'nothing' };

const FAILURE: ClickResult = { kind: 'failure' };
const NOTHING: ClickResult = { kind: 'nothing' };

export interface TaskSurface {
  showPage(info: TaskInfo): Promise<TaskEnd>;
  showCard(title: string, card: CardJson, info: Partial<TaskInfo>): Promise<TaskEnd>;
  showText(title: string, text: string): Promise<TaskEnd>;
  openLink(url: string): void;
}

type Json = Readonly<Record<string, unknown>>;

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function reached(outcome: Outcome): boolean {
  return outcome.status >= 200 && outcome.status < 300;
}

export class Actions {
  constructor(
    private readonly microsoft: MicrosoftControl,
    private readonly choices: Choices,
    private readonly surface: TaskSurface,
  ) {}

  /** Action.Execute: the answer is a card for the old place, a text, or an error. */
  async execute(messageId: string, verb: string, data: unknown, id: string | undefined, trigger: string): Promise<ClickResult> {
    const action = { type: 'Action.Execute', verb, data, ...(id === undefined ? {} : { id }) };
    const outcome = await this.invoke('adaptiveCard/action', { action, trigger }, messageId);
    if (!reached(outcome)) return FAILURE;
    const body = asObject(outcome.body);
    const status = body['statusCode'];
    if (typeof status === 'number' && status >= 300) return FAILURE;
    if (body['type'] === CARD_TYPE) return { kind: 'card', card: asObject(body['value']) };
    if (body['type'] === TEXT_TYPE) return { kind: 'remark', text: String(body['value']) };
    return NOTHING;
  }

  /** Action.Submit: a message with the data, or what `msteams.type` in the data asks for. */
  async submit(messageId: string, data: unknown): Promise<ClickResult> {
    const teams = asObject(asObject(data)['msteams']);
    switch (teams['type']) {
      case 'task/fetch':
      case 'invoke':
        return this.fetchTask(messageId, data);
      case 'imBack':
      case 'messageBack':
        return this.say(String(teams['text'] ?? teams['value'] ?? ''));
      case 'openUrl':
      case 'signin':
        this.surface.openLink(String(teams['value']));
        return NOTHING;
      default:
        return reached(await this.microsoft.submit(this.choices.user.id, data, messageId)) ? NOTHING : FAILURE;
    }
  }

  async say(text: string): Promise<ClickResult> {
    return reached(await this.microsoft.say(this.choices.user.id, text, this.choices.locale)) ? NOTHING : FAILURE;
  }

  private async fetchTask(messageId: string, data: unknown): Promise<ClickResult> {
    const outcome = await this.invoke('task/fetch', this.taskValue(data), messageId);
    return reached(outcome) ? this.continueTask(outcome.body) : FAILURE;
  }

  private async continueTask(body: unknown): Promise<ClickResult> {
    const task = asObject(asObject(body)['task']);
    if (task['type'] === 'message') {
      await this.surface.showText('', String(task['value']));
      return NOTHING;
    }
    if (task['type'] !== 'continue') return NOTHING;
    const end = await this.showTask(asObject(task['value']));
    if ('error' in end) return NOTHING;
    const outcome = await this.invoke('task/submit', this.taskValue(end.result));
    return reached(outcome) ? this.continueTask(outcome.body) : FAILURE;
  }

  private showTask(value: Json): Promise<TaskEnd> {
    const title = String(value['title'] ?? '');
    const size = { width: value['width'] as number, height: value['height'] as number };
    if (typeof value['url'] === 'string') return this.surface.showPage({ url: value['url'], title, ...size });
    const attachment = asObject(value['card']);
    return this.surface.showCard(title, asObject(attachment['content']), size);
  }

  private taskValue(data: unknown): object {
    return { data, context: { theme: this.choices.theme } };
  }

  private invoke(name: string, value: object, replyTo?: string): Promise<Outcome> {
    return this.microsoft.invoke(this.choices.user.id, name, value, replyTo);
  }
}
