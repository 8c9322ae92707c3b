import { useEffect, useRef, useState } from "react";
import { isMissed, type LiveCall } from "../live/state";
import { useHiddenStyles } from "../surface/hidden";
import { useLive, useTexts } from "../surface/product";

/** A new state is news; so is the name of somebody who still rings. */
function isNews(call: LiveCall, before: LiveCall | undefined): boolean {
  return before?.state !== call.state || (call.state === "ringing" && before.remote.name !== call.remote.name);
}

/** Speaks what changes among the calls: news to those who do not look at the page. */
export function Announcer() {
  const styles = useHiddenStyles();
  const texts = useTexts();
  const calls = useLive((state) => state.calls);
  const before = useRef<ReadonlyMap<string, LiveCall>>(new Map());
  const [said, say] = useState("");

  useEffect(() => {
    const changed = calls.filter((call) => isNews(call, before.current.get(call.id)));
    before.current = new Map(calls.map((call) => [call.id, call]));
    if (changed.length === 0) return;
    const sentences = changed.map((call) => {
      const state = isMissed(call) ? texts.calls.missed : texts.calls.states[call.state];
      return texts.calls.announce(state, call.remote.name || call.remote.number || texts.calls.unknown);
    });
    say(sentences.join(". "));
  }, [calls, texts]);

  return (
    <div className={styles.hidden} role="status" aria-live="polite" data-testid="announcer">
      {said}
    </div>
  );
}
