import { mergeClasses } from "@fluentui/react-components";
import { Suspense, lazy, useState } from "react";
import { isLive, isMissed, type LiveCall, type Wish } from "../../live/state";
import { ProblemBar } from "../../surface/ProblemBar";
import { useLive, useTexts } from "../../surface/product";
import { useNow } from "../../surface/time";
import { useProduct } from "../../surface/product";
import { CallActions } from "./CallActions";
import { Initials } from "../../surface/Initials";
import { MissedActions } from "./MissedActions";
import { CALL_ATTRIBUTE } from "../../shell/shortcuts";
import { StateIcon } from "./StateIcon";
import { toneOf, useEdgeStyles, useTileStyles } from "./tile-look";

const ConferenceChoice = lazy(() => import("./ConferenceChoice"));
const ForwardField = lazy(() => import("./ForwardField"));

/** What is unfolded below a tile. */
export type Unfolded = "forward" | "conference" | null;

/** One call: who, since when, in which state, and exactly those buttons that the service offers for it. */
export function CallTile({ call }: { call: LiveCall }) {
  const styles = useTileStyles();
  const edges = useEdgeStyles();
  const texts = useTexts();
  const wish = useLive((state) => state.wishes.find(({ callId, kind }) => callId === call.id && kind !== "call"));
  const doubtful = useLive((state) => isLive(call) && (state.link === "lost" || state.session?.state !== "signed_in"));
  const [unfolded, unfold] = useState<Unfolded>(null);
  const tone = toneOf(call.state);
  const hint = hintFor(call, texts.calls);
  return (
    <li
      className={mergeClasses(styles.tile, edges[tone], doubtful && styles.doubtful)}
      {...{ [CALL_ATTRIBUTE]: call.id }}
      data-state={call.state}
      aria-label={call.remote.name || call.remote.number || texts.calls.unknown}
    >
      <Remote call={call} />
      <State call={call} wish={wish} doubtful={doubtful} />
      {hint !== "" && !doubtful && <span className={styles.hint}>{hint}</span>}
      {wish?.problem && (
        <div className={styles.wide}>
          <ProblemBar problem={wish.problem} title={wish.kind === "call" ? "" : texts.calls.failed[wish.kind]} />
        </div>
      )}
      {isLive(call) && <CallActions call={call} wish={wish} unfolded={unfolded} onUnfold={unfold} />}
      {isMissed(call) && <MissedActions call={call} />}
      <Suspense>
        {unfolded === "forward" && call.actions.includes("forward") && (
          <ForwardField call={call} onClose={() => unfold(null)} />
        )}
        {unfolded === "conference" && <ConferenceChoice call={call} onClose={() => unfold(null)} />}
      </Suspense>
    </li>
  );
}

function hintFor(call: LiveCall, texts: { pickUp: string; heldHint: string }): string {
  if (call.state === "ringing" && call.direction === "inbound") return texts.pickUp;
  return call.state === "held" ? texts.heldHint : "";
}

function Remote({ call }: { call: LiveCall }) {
  const styles = useTileStyles();
  const { calls } = useTexts();
  const { name, number } = call.remote;
  const second = [name === "" ? "" : number, call.group ? calls.via(call.group) : ""]
    .filter((part) => part !== "")
    .join(" · ");
  return (
    <>
      <Initials name={name} ringing={call.state === "ringing"} />
      <span className={styles.who}>
        <span className={styles.name} dir="auto" title={name.length > 40 ? name : undefined}>
          {name || number || calls.unknown}
        </span>
        <span className={styles.number}>{second}</span>
      </span>
    </>
  );
}

function State({ call, wish, doubtful }: { call: LiveCall; wish: Wish | undefined; doubtful: boolean }) {
  const styles = useTileStyles();
  const { calls, link } = useTexts();
  const asked = wish !== undefined && wish.problem === null ? calls.wishes[wish.kind] : "";
  const word = isMissed(call) ? calls.missed : ((calls.states[call.state] as string | undefined) ?? calls.states.other);
  return (
    <span className={styles.state}>
      <span className={mergeClasses(styles.word, doubtful ? styles.over : styles[toneOf(call.state)])}>
        <StateIcon call={call} />
        {asked || (doubtful ? link.uncertain(word) : word)}
      </span>
      {call.connectedAt && !doubtful && <Timer since={Date.parse(call.connectedAt)} stopped={!isLive(call)} />}
    </span>
  );
}

/** Time in talk, by the service's clock. It stands still when the call has ended. */
function Timer({ since, stopped }: { since: number; stopped: boolean }) {
  const styles = useTileStyles();
  const { language } = useProduct();
  const offset = useLive((state) => state.clockOffset);
  const now = useNow(stopped ? 3_600_000 : 500) + offset;
  return (
    <time className={styles.timer} role="timer" aria-live="off">
      {language.span((now - since) / 1_000)}
    </time>
  );
}
