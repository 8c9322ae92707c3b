import { Button } from "@fluentui/react-components";
import { CallEndRegular, CallForwardRegular, PauseRegular, PeopleAddRegular } from "@fluentui/react-icons";
import type { Call, CallAction } from "../../api/model";
import { isLive, type Wish } from "../../live/state";
import { useLive, useProduct, useTexts } from "../../surface/product";
import type { Unfolded } from "./CallTile";
import { useTileStyles } from "./tile-look";

interface CallActionsProps {
  readonly call: Call;
  readonly wish: Wish | undefined;
  readonly unfolded: Unfolded;
  readonly onUnfold: (what: Unfolded) => void;
}

/** The buttons of a call: those of its `actions` that this page knows, and no others. */
export function CallActions({ call, wish, unfolded, onUnfold }: CallActionsProps) {
  const styles = useTileStyles();
  const { line } = useProduct();
  const { calls: texts } = useTexts();
  const partners = useLive((state) => state.calls.filter((other) => joinable(other)).length) - (joinable(call) ? 1 : 0);
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  const busy = wish !== undefined && wish.problem === null;
  const may = (action: CallAction): boolean => call.actions.includes(action);
  const refusing = call.state === "ringing" && call.direction === "inbound";
  if (!signedIn || call.actions.length === 0) return null;
  return (
    <div className={styles.actions}>
      {may("hangup") && (
        <Button
          className={styles.hangup}
          icon={<CallEndRegular />}
          disabled={busy}
          onClick={() => void line.hangUp(call)}
        >
          {refusing ? texts.decline : texts.hangup}
        </Button>
      )}
      {may("hold") && (
        <Button icon={<PauseRegular />} disabled={busy} onClick={() => void line.hold(call)}>
          {texts.hold}
        </Button>
      )}
      {may("forward") && (
        <Button
          icon={<CallForwardRegular />}
          disabled={busy}
          aria-expanded={unfolded === "forward"}
          onClick={() => onUnfold(unfolded === "forward" ? null : "forward")}
        >
          {texts.forward}
        </Button>
      )}
      {may("conference") && partners > 0 && (
        <Button
          icon={<PeopleAddRegular />}
          disabled={busy}
          aria-expanded={unfolded === "conference"}
          onClick={() => onUnfold(unfolded === "conference" ? null : "conference")}
        >
          {texts.conference}
        </Button>
      )}
    </div>
  );
}

/** Whether a call can take part in a conference now. */
export function joinable(call: Call): boolean {
  return isLive(call) && call.actions.includes("conference");
}
