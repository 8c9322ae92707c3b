// The strip with the simulated phone of the person: let it ring, answer, hang up. It speaks to the simulated phone system.
import type { Choices, ShellConfig } from './config.ts';
import { h, icon } from './dom.ts';
import type { Say } from './texts.ts';

interface Surroundings {
  readonly config: ShellConfig;
  readonly choices: Choices;
  say(): Say;
}

type Command = 'ring' | 'answer' | 'hangup';

export class PhoneStrip {
  readonly element = h('section', { class: 'phone-strip' });
  private readonly status = h('span', { class: 'phone-status', role: 'status' });
  private readonly callerName = h('input', { type: 'text', name: 'caller', autocomplete: 'off' });
  private readonly callerNumber = h('input', { type: 'text', name: 'number', autocomplete: 'off', inputmode: 'tel' });

  constructor(private readonly around: Surroundings) {
    const first = around.config.callers[0];
    this.callerName.value = first?.name ?? '';
    this.callerNumber.value = first?.number ?? '';
    this.callerName.setAttribute('list', 'callers');
    this.callerName.addEventListener('change', () => this.completeNumber());
  }

  draw(): void {
    const say = this.around.say();
    const { user } = this.around.choices;
    this.element.hidden = this.around.config.starfaceControlUrl === null;
    if (user.phoneLogin === null) {
      this.element.replaceChildren(h('p', {}, say('noPhone', { name: user.name })));
      return;
    }
    const title = say('phoneOf', { name: user.name });
    this.element.setAttribute('aria-label', title);
    this.callerName.setAttribute('aria-label', say('caller'));
    this.callerNumber.setAttribute('aria-label', say('callerNumber'));
    const known = h('datalist', { id: 'callers' }, ...this.around.config.callers.map(({ name }) => h('option', { value: name })));
    const button = (command: Command, kind: string, ...content: (Node | string)[]): HTMLElement =>
      h('button', { class: kind, 'data-command': command, onclick: () => void this.command(command) }, ...content);
    this.element.replaceChildren(
      h('span', { class: 'phone-title' }, icon('app'), title, h('code', {}, user.phoneLogin)),
      this.callerName,
      this.callerNumber,
      known,
      button('ring', 'primary', icon('ring'), say('ring')),
      button('answer', 'plain', say('answer')),
      button('hangup', 'plain', say('hangUp')),
      this.status,
    );
  }

  private completeNumber(): void {
    const known = this.around.config.callers.find(({ name }) => name === this.callerName.value);
    if (known !== undefined) this.callerNumber.value = known.number;
  }

  private body(command: Command): object {
    const login = this.around.choices.user.phoneLogin;
    if (command !== 'ring') return { login };
    return { login, from: this.callerNumber.value.trim(), name: this.callerName.value.trim() };
  }

  private async command(command: Command): Promise<void> {
    const say = this.around.say();
    this.status.textContent = '…';
    try {
      const answer = await fetch(`${this.around.config.starfaceControlUrl}/${command}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(this.body(command)),
        signal: AbortSignal.timeout(5000),
      });
      this.status.textContent = answer.ok ? '' : say('phoneRefused', { reason: await refusal(answer) });
    } catch {
      this.status.textContent = say('phoneNotReached');
    }
  }
}

async function refusal(answer: Response): Promise<string> {
  try {
    const body = (await answer.json()) as { error?: unknown };
    return typeof body.error === 'string' ? body.error : String(answer.status);
  } catch {
    return String(answer.status);
  }
}
