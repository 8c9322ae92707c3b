// Building elements without a framework.

type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | boolean | ((event: never) => void)>>;

/** Make an element; `on…` attributes with a function become listeners, `true` sets an attribute, `false` leaves it out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const PATHS = {
  app: 'M6.6 3.5c.5-.2 1 0 1.300.5l1.300 2.600c.2.5.1 1-.2 1.400l-1.100 1.100a11 11 0 0 0 4.500 4.500l1.100-1.100c.4-.4 1-.5 1.400-.2l2.600 1.300c.5.3.7.8.5 1.300-.4 1.500-1.700 2.500-3.200 2.400C8.600 16.800 3.300 11.500 3.100 6.700c0-1.500 1-2.800 3.500-3.200z',
  chat: 'M3.500 6A2.500 2.500 0 0 1 6 3.500h8A2.500 2.500 0 0 1 16.500 6v5.500A2.500 2.500 0 0 1 14 14H9.500L6 16.800V14a2.500 2.500 0 0 1-2.500-2.500zM7 7.500h6M7 10h3.500',
  both: 'M3.500 5.500a1 1 0 0 1 1-1h11a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1zM11.500 4.500v11',
  send: 'M3.500 4l13 6-13 6 2-6zM5.500 10h6',
  settings: 'M4 6h5M13 6h3M11 4v4M4 14h3M11 14h5M9 12v4M4 10h9M15.500 10h.5M14 8.500v3',
  ring: 'M10 3.500a4.500 4.500 0 0 1 4.500 4.500v3l1.500 2.500H4L5.500 11V8A4.500 4.500 0 0 1 10 3.500zM8.200 16a2 2 0 0 0 3.600 0',
  reload: 'M15.500 10a5.500 5.500 0 1 1-1.700-4M14.500 3v3.500H11',
  close: 'M5 5l10 10M15 5L5 15',
  add: 'M10 4v12M4 10h12',
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing of 20 × 20, hidden from screen readers. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 20 20', class: 'icon', 'aria-hidden': 'true' })) svg.setAttribute(key, value);
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** The initials of a name, for avatars: first and last word. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  return [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => word?.[0] ?? '').join('').toUpperCase();
}

/** A round picture with initials; the colour follows from the name. */
export function avatar(name: string): HTMLElement {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 6;
  return h('span', { class: `avatar tint-${sum}`, 'aria-hidden': 'true' }, initials(name));
}
