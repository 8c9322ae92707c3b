import { makeStyles, tokens } from "@fluentui/react-components";
import type { CallState } from "../../api/model";

/** The tone of a tile: what the eye learns before the words are read. Words and icon always say the same. */
export type Tone = "ringing" | "talking" | "waiting" | "over";

const TONES: Readonly<Record<CallState, Tone>> = {
  dialing: "ringing",
  ringing: "ringing",
  ringback: "ringing",
  connected: "talking",
  consulting: "talking",
  conference: "talking",
  voicemail: "talking",
  held: "waiting",
  other: "waiting",
  ended: "over",
};

/** The tone of a state; also of one that a newer service may invent. */
export function toneOf(state: CallState): Tone {
  return (TONES as Readonly<Record<string, Tone | undefined>>)[state] ?? "waiting";
}

export const useTileStyles = makeStyles({
  tile: {
    position: "relative",
    overflow: "hidden",
    display: "grid",
    gridTemplateColumns: "auto minmax(0, 1fr) auto",
    alignItems: "center",
    gap: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM}`,
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalXL}`,
    borderRadius: tokens.borderRadiusXLarge,
    border: `1px solid ${tokens.colorTransparentStroke}`,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow4,
    "@media (max-width: 480px)": { padding: tokens.spacingHorizontalL },
    "::before": {
      content: "''",
      position: "absolute",
      insetBlock: 0,
      insetInlineStart: 0,
      width: "4px",
      backgroundColor: tokens.colorNeutralForeground3,
    },
  },
  who: { minWidth: 0 },
  name: {
    display: "-webkit-box",
    WebkitLineClamp: "2",
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- part of the only way to clamp lines, which browsers keep for that
    WebkitBoxOrient: "vertical",
    overflow: "hidden",
    overflowWrap: "anywhere",
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground1,
  },
  number: {
    display: "block",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    color: tokens.colorNeutralForeground3,
    fontVariantNumeric: "tabular-nums",
  },
  state: { textAlign: "end", display: "flex", flexDirection: "column", alignItems: "flex-end" },
  word: {
    display: "inline-flex",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalXS,
    fontWeight: tokens.fontWeightSemibold,
  },
  timer: {
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase400,
    fontVariantNumeric: "tabular-nums",
  },
  wide: { gridColumn: "1 / -1" },
  actions: { gridColumn: "1 / -1", display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  hint: { gridColumn: "1 / -1", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  hangup: {
    color: tokens.colorNeutralForegroundOnBrand,
    backgroundColor: tokens.colorStatusDangerBackground3,
    ":hover": {
      color: tokens.colorNeutralForegroundOnBrand,
      backgroundColor: tokens.colorStatusDangerBackground3Hover,
    },
    ":hover:active": {
      color: tokens.colorNeutralForegroundOnBrand,
      backgroundColor: tokens.colorStatusDangerBackground3Pressed,
    },
  },
  ringing: { color: tokens.colorBrandForeground1 },
  talking: { color: tokens.colorStatusSuccessForeground1 },
  waiting: { color: tokens.colorStatusWarningForeground1 },
  over: { color: tokens.colorNeutralForeground3 },
  doubtful: {
    border: `1px dashed ${tokens.colorNeutralStroke1}`,
    boxShadow: "none",
    "::before": { backgroundColor: tokens.colorNeutralStroke1 },
  },
});

/** The bar at the left edge of a tile, by tone. */
export const useEdgeStyles = makeStyles({
  ringing: { "::before": { backgroundColor: tokens.colorBrandForeground1 } },
  talking: { "::before": { backgroundColor: tokens.colorStatusSuccessForeground1 } },
  waiting: { "::before": { backgroundColor: tokens.colorStatusWarningForeground1 } },
  over: { "::before": { backgroundColor: tokens.colorNeutralForeground3 } },
});
