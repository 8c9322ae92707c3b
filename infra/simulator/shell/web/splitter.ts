// The bar between tab and chat: draggable, and movable with the arrow keys.
import { h } from './dom.ts';

const LEAST = 25;
const MOST = 80;
const STEP = 2;

/** `share` is the width of the left pane in per cent; it is written to the custom property `--share` of `area`. */
export function splitter(area: HTMLElement, label: string): HTMLElement {
  const bar = h('div', { class: 'splitter', role: 'separator', tabindex: '0', 'aria-orientation': 'vertical', 'aria-label': label });
  let share = Number(area.style.getPropertyValue('--share').replace('%', '')) || 62;
  const set = (wanted: number): void => {
    share = Math.min(MOST, Math.max(LEAST, wanted));
    area.style.setProperty('--share', `${share}%`);
    bar.setAttribute('aria-valuenow', String(Math.round(share)));
  };
  bar.setAttribute('aria-valuemin', String(LEAST));
  bar.setAttribute('aria-valuemax', String(MOST));
  bar.addEventListener('keydown', ({ key }) => {
    if (key === 'ArrowLeft') set(share - STEP);
    if (key === 'ArrowRight') set(share + STEP);
    if (key === 'Home') set(LEAST);
    if (key === 'End') set(MOST);
  });
  bar.addEventListener('pointerdown', (event) => {
    bar.setPointerCapture(event.pointerId);
    area.classList.add('dragging');
  });
  bar.addEventListener('pointermove', (event) => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const box = area.getBoundingClientRect();
    set(((event.clientX - box.left) / box.width) * 100);
  });
  bar.addEventListener('lostpointercapture', () => area.classList.remove('dragging'));
  set(share);
  return bar;
}
