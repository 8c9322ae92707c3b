import { useEffect } from "react";
import type { Call, CallAction } from "../../api/model";
import { isLive } from "../../live/state";
import { useProduct } from "../../surface/product";

/** Element id of the number field: the shortcut, and later pages, put the focus there. */
export const NUMBER_FIELD = "number";

/** Attribute by which a tile names its call, so that the call in focus can be found. */
export const CALL_ATTRIBUTE = "data-call";

/** Shortcuts with Alt, by physical key: Teams and the browsers leave these free. Shown at the foot of the page. */
export const SHORTCUTS = { number: "KeyN", hangup: "KeyX", hold: "KeyP" } as const;

export function useShortcuts(): void {
  const { line } = useProduct();
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return;
      if (event.code === SHORTCUTS.number) document.getElementById(NUMBER_FIELD)?.focus();
      else if (event.code === SHORTCUTS.hangup)
        onMeantCall(line.store.getState().calls, "hangup", (call) => line.hangUp(call));
      else if (event.code === SHORTCUTS.hold)
        onMeantCall(line.store.getState().calls, "hold", (call) => line.hold(call));
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [line]);
}

/** Acts on the call whose tile has the focus, else on the only live one; with several and no focus nothing is guessed. */
function onMeantCall(calls: readonly Call[], action: CallAction, act: (call: Call) => Promise<unknown>): void {
  const focused = document.activeElement?.closest(`[${CALL_ATTRIBUTE}]`)?.getAttribute(CALL_ATTRIBUTE);
  const live = calls.filter(isLive);
  const meant = live.find(({ id }) => id === focused) ?? (live.length === 1 ? live[0] : undefined);
  if (meant?.actions.includes(action)) void act(meant);
}
