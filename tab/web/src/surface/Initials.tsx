import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { PersonRegular } from "@fluentui/react-icons";

const useStyles = makeStyles({
  circle: {
    width: "40px",
    height: "40px",
    display: "grid",
    placeItems: "center",
    borderRadius: tokens.borderRadiusCircular,
    border: `1px solid ${tokens.colorTransparentStroke}`,
    fontWeight: tokens.fontWeightSemibold,
    userSelect: "none",
    boxSizing: "border-box",
  },
  ringing: {
    outlineWidth: "2px",
    outlineStyle: "solid",
    outlineOffset: "2px",
    outlineColor: tokens.colorBrandForeground1,
    animationName: {
      from: { outlineOffset: "1px", opacity: 1 },
      to: { outlineOffset: "5px", outlineColor: "transparent" },
    },
    animationDuration: "1.4s",
    animationIterationCount: "infinite",
    "@media (prefers-reduced-motion: reduce)": { animationName: "none" },
  },
  nobody: {
    color: tokens.colorNeutralForeground2,
    backgroundColor: tokens.colorNeutralBackground1Selected,
    fontSize: "20px",
  },
  forest: { color: tokens.colorPaletteForestForeground2, backgroundColor: tokens.colorPaletteForestBackground2 },
  plum: { color: tokens.colorPalettePlumForeground2, backgroundColor: tokens.colorPalettePlumBackground2 },
  teal: { color: tokens.colorPaletteTealForeground2, backgroundColor: tokens.colorPaletteTealBackground2 },
  brass: { color: tokens.colorPaletteBrassForeground2, backgroundColor: tokens.colorPaletteBrassBackground2 },
  navy: { color: tokens.colorPaletteNavyForeground2, backgroundColor: tokens.colorPaletteNavyBackground2 },
});

const COLOURS = ["forest", "plum", "teal", "brass", "navy"] as const;

/** A circle with somebody's initials, always of one colour for one name; a figure for those without a name. */
export function Initials({ name, ringing = false }: { name: string; ringing?: boolean }) {
  const styles = useStyles();
  const letters = initialsOf(name);
  return (
    <span
      className={mergeClasses(
        styles.circle,
        letters === "" ? styles.nobody : styles[colourOf(name)],
        ringing && styles.ringing,
      )}
      aria-hidden
    >
      {letters === "" ? <PersonRegular /> : letters}
    </span>
  );
}

/** First letters of the first and the last word; empty where no word begins with a letter. */
export function initialsOf(name: string): string {
  const firsts = [...name.matchAll(/(?<=^|[\s,.\-–(])\p{L}/gu)].map(([letter]) => letter.toLocaleUpperCase());
  return (firsts[0] ?? "") + (firsts.length > 1 ? (firsts.at(-1) ?? "") : "");
}

function colourOf(name: string): (typeof COLOURS)[number] {
  const sum = Array.from(name).reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % 9_973, 7);
  return COLOURS[sum % COLOURS.length] ?? "navy";
}
