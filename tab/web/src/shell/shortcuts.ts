import { useEffect } from "react";
import type { Call, CallAction } from "../api/model";
import { isLive } from "../live/state";
import { turnTo } from "../surface/desk";
import { useProduct } from "../surface/product";

/** Element id of the number field: the shortcut, and other pages, put the focus there. */
export const NUMBER_FIELD = "number";

/** Attribute by which a tile names its call, so that the call in focus can be found. */
export const CALL_ATTRIBUTE = "data-call";

/** Shortcuts with Alt, by physical key: Teams and the browsers leave these free. Shown at the foot of the phone page. */
export const SHORTCUTS = { number: "KeyN", hangup: "KeyX", hold: "KeyP", calls: "KeyC" } as const;

export function useShortcuts(): void {
  const { line, desk } = useProduct();
  useEffect(() => {
    const live = () => line.store.getState().calls;
    const acts: Readonly<Record<string, () => void>> = {
      [SHORTCUTS.number]: () => {
        if (desk.getState().page !== "phone") turnTo(desk, "phone");
        soon(() => document.getElementById(NUMBER_FIELD));
      },
      [SHORTCUTS.calls]: () => document.querySelector<HTMLElement>(`[${CALL_ATTRIBUTE}] button`)?.focus(),
      [SHORTCUTS.hangup]: () => onMeantCall(live(), "hangup", (call) => line.hangUp(call)),
      [SHORTCUTS.hold]: () => onMeantCall(live(), "hold", (call) => line.hold(call)),
    };
    const pressed = (event: KeyboardEvent): void => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return;
      const act = acts[event.code];
      if (act === undefined) return;
      act();
      event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [line, desk]);
}

/** Puts the focus on an element, as soon as the page that holds it is drawn. */
function soon(find: () => HTMLElement | null, attempts = 20): void {
  const element = find();
  if (element !== null) element.focus();
  else if (attempts > 0) requestAnimationFrame(() => soon(find, attempts - 1));
}

/** Acts on the call whose tile has the focus, else on the only live one; with several and no focus nothing is guessed. */
function onMeantCall(calls: readonly Call[], action: CallAction, act: (call: Call) => Promise<unknown>): void {
  const focused = document.activeElement?.closest(`[${CALL_ATTRIBUTE}]`)?.getAttribute(CALL_ATTRIBUTE);
  const live = calls.filter(isLive);
  const meant = live.find(({ id }) => id === focused) ?? (live.length === 1 ? live[0] : undefined);
  if (meant?.actions.includes(action)) void act(meant);
}
