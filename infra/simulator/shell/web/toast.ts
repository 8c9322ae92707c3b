// Short notices in the corner, as Teams shows them for new messages; they go away by themselves.
import { h, icon } from './dom.ts';

const SHOWN = 6000;

export class Toasts {
  readonly element = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });

  show(title: string, text = '', closeLabel = '×'): void {
    const close = h('button', { class: 'quiet', 'aria-label': closeLabel }, icon('close'));
    const toast = h('div', { class: 'toast' }, h('div', {}, h('b', {}, title), text === '' ? null : h('p', {}, text)), close);
    const remove = (): void => toast.remove();
    close.addEventListener('click', remove);
    setTimeout(remove, SHOWN);
    this.element.append(toast);
  }
}
