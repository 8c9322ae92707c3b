// The strip with the simulated phone of the person: let it ring, answer, hang up. It shows what the phone does just now.
import type { Choices, ShellConfig } from './config.ts';
import { h, icon } from './dom.ts';
import type { Say, TextKey } from './texts.ts';

interface Surroundings {
  readonly config: ShellConfig;
  readonly choices: Choices;
  say(): Say;
}

type Command = 'ring' | 'answer' | 'hangup' | 'remote-answer';

interface PhoneCall {
  readonly id: string;
  readonly state: string;
  readonly ownPhoneRings: boolean;
  readonly outbound: boolean;
  readonly number: string;
  readonly name: string;
}

const LOOK_EVERY = 1000;

const STATES: Readonly<Record<string, TextKey>> = {
  INCOMING: 'stateRinging',
  RINGING: 'stateRinging',
  OUTGOING: 'stateDialing',
  RINGBACK: 'stateRingback',
  CONNECTED: 'stateConnected',
  PARKED: 'stateHeld',
  CONFERENCE_ACTIVE: 'stateConference',
};

function rings(call: PhoneCall): boolean {
  return call.ownPhoneRings || call.state === 'INCOMING' || call.state === 'RINGING';
}

export class PhoneStrip {
  private readonly title = h('span', { class: 'phone-title' });
  private readonly callerName = h('input', { type: 'text', name: 'caller', autocomplete: 'off', list: 'callers' });
  private readonly callerNumber = h('input', { type: 'text', name: 'number', autocomplete: 'off', inputmode: 'tel' });
  private readonly known = h('datalist', { id: 'callers' });
  private readonly buttons: Readonly<Record<Command, HTMLButtonElement>>;
  private readonly status = h('span', { class: 'phone-status', role: 'status' });
  readonly element: HTMLElement;
  private calls: readonly PhoneCall[] = [];
  private failure = '';
  private timer = 0;

  constructor(private readonly around: Surroundings) {
    const first = around.config.callers[0];
    this.callerName.value = first?.name ?? '';
    this.callerNumber.value = first?.number ?? '';
    this.callerName.addEventListener('change', () => this.completeNumber());
    const button = (command: Command, kind: string): HTMLButtonElement =>
      h('button', { class: kind, 'data-command': command, onclick: () => void this.command(command) });
    this.buttons = {
      ring: button('ring', 'primary'),
      answer: button('answer', 'plain'),
      'remote-answer': button('remote-answer', 'plain'),
      hangup: button('hangup', 'plain'),
    };
    const { ring, answer, hangup } = this.buttons;
    const controls = h('span', { class: 'phone-controls' }, this.callerName, this.callerNumber, this.known, ring, answer, this.buttons['remote-answer'], hangup);
    this.element = h('section', { class: 'phone-strip' }, this.title, controls, this.status);
  }

  draw(): void {
    const say = this.around.say();
    const { user } = this.around.choices;
    const title = say('phoneOf', { name: user.name });
    this.element.hidden = this.around.config.starfaceControlUrl === null;
    this.element.classList.toggle('without-phone', user.phoneLogin === null);
    this.element.setAttribute('aria-label', title);
    this.title.replaceChildren(icon('app'), ...(user.phoneLogin === null ? [say('noPhone', { name: user.name })] : [title, h('code', {}, user.phoneLogin)]));
    for (const [field, label] of [[this.callerName, 'caller'], [this.callerNumber, 'callerNumber']] as const) field.setAttribute('aria-label', say(label));
    this.known.replaceChildren(...this.around.config.callers.map(({ name }) => h('option', { value: name })));
    this.buttons.ring.replaceChildren(icon('ring'), say('ring'));
    this.buttons.answer.replaceChildren(say('answer'));
    this.buttons['remote-answer'].replaceChildren(say('remoteAnswer'));
    this.buttons.hangup.replaceChildren(say('hangUp'));
    this.drawCalls();
    this.watch();
  }

  private get base(): string | null {
    const { starfaceControlUrl } = this.around.config;
    const { phoneLogin } = this.around.choices.user;
    return starfaceControlUrl === null || phoneLogin === null ? null : `${starfaceControlUrl}/${encodeURIComponent(phoneLogin)}`;
  }

  /** Look at the phone now and from then on every second while the page is seen. */
  private watch(): void {
    clearTimeout(this.timer);
    void this.look().finally(() => {
      clearTimeout(this.timer);
      if (this.base !== null) this.timer = window.setTimeout(() => this.watch(), LOOK_EVERY);
    });
  }

  private async look(): Promise<void> {
    const { base } = this;
    if (base === null || document.hidden) return;
    try {
      const answer = await fetch(base, { signal: AbortSignal.timeout(5000) });
      if (!answer.ok) throw new Error(String(answer.status));
      const body = (await answer.json()) as { calls: readonly PhoneCall[] };
      if (base !== this.base) return;
      this.calls = body.calls;
      if (this.failure === this.around.say()('phoneNotReached')) this.failure = '';
    } catch {
      this.calls = [];
      this.failure = this.around.say()('phoneNotReached');
    }
    this.drawCalls();
  }

  private drawCalls(): void {
    const say = this.around.say();
    const texts = this.calls.map((call) => {
      const state = say(call.ownPhoneRings ? 'stateOwnPhone' : (STATES[call.state] ?? 'stateOther'));
      return `${[call.name, call.number].filter((part) => part !== '').join(' · ')} – ${state}`;
    });
    const text = this.failure !== '' ? this.failure : texts.length === 0 ? say('phoneIdle') : texts.join('; ');
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.classList.toggle('failed', this.failure !== '');
    this.status.classList.toggle('ringing', this.calls.some(rings));
    this.buttons.answer.disabled = !this.calls.some(rings);
    this.buttons['remote-answer'].hidden = !this.calls.some((call) => call.outbound && !call.ownPhoneRings && call.state !== 'CONNECTED');
    this.buttons.hangup.disabled = this.calls.length === 0;
  }

  private completeNumber(): void {
    const known = this.around.config.callers.find(({ name }) => name === this.callerName.value);
    if (known !== undefined) this.callerNumber.value = known.number;
  }

  private async command(command: Command): Promise<void> {
    if (this.base === null) return;
    const say = this.around.say();
    const body = command === 'ring' ? { from: this.callerNumber.value.trim(), name: this.callerName.value.trim() } : {};
    try {
      const answer = await fetch(`${this.base}/${command}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(5000),
      });
      this.failure = answer.ok ? '' : say('phoneRefused', { reason: await refusal(answer) });
    } catch {
      this.failure = say('phoneNotReached');
    }
    await this.look();
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
