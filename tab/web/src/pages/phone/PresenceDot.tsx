import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import {
  PresenceAvailable20Filled,
  PresenceAway20Filled,
  PresenceBusy20Filled,
  PresenceDnd20Filled,
  PresenceOffline20Regular,
  PresenceUnknown20Regular,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import type { Presence } from "../../api/model";

const useStyles = makeStyles({
  dot: { display: "inline-flex", fontSize: "20px" },
  available: { color: tokens.colorPaletteLightGreenForeground3 },
  busy: { color: tokens.colorPaletteRedBackground3 },
  away: { color: tokens.colorPaletteMarigoldBackground3 },
  offline: { color: tokens.colorNeutralForeground3 },
});

type Look = readonly [tone: "available" | "busy" | "away" | "offline", icon: ReactElement];

const UNKNOWN: Look = ["offline", <PresenceUnknown20Regular key="unknown" />];
const PEACE: Look = ["busy", <PresenceDnd20Filled key="dnd" />];
const LOOKS: Readonly<Record<string, Look>> = {
  available: ["available", <PresenceAvailable20Filled key="available" />],
  active: ["busy", <PresenceBusy20Filled key="active" />],
  ringing: ["busy", <PresenceBusy20Filled key="ringing" />],
  queue_pause: ["away", <PresenceAway20Filled key="pause" />],
  unavailable: ["offline", <PresenceOffline20Regular key="unavailable" />],
};

/** The sign for a state: its colour, and a shape that says the same without colour. The words stand beside it. */
export function PresenceDot({ presence }: { presence: Presence | null }) {
  const styles = useStyles();
  const [tone, icon] = presence?.dnd === true ? PEACE : (LOOKS[presence?.telephony ?? ""] ?? UNKNOWN);
  return (
    <span className={mergeClasses(styles.dot, styles[tone])} aria-hidden>
      {icon}
    </span>
  );
}
