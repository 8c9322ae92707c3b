import { Button, makeStyles, tokens } from "@fluentui/react-components";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#", "+"] as const;

const useStyles = makeStyles({
  pad: {
    display: "grid",
    gridTemplateColumns: "repeat(3, minmax(0, 6rem))",
    justifyContent: "center",
    gap: tokens.spacingHorizontalS,
  },
  key: { minWidth: 0, minHeight: "44px", fontSize: tokens.fontSizeBase400 },
  plus: { gridColumn: "2" },
});

/** Keys for those who would rather point than type. */
export function Keypad({ onKey }: { onKey: (key: string) => void }) {
  const styles = useStyles();
  return (
    <div className={styles.pad} role="group">
      {KEYS.map((key) => (
        <Button
          key={key}
          className={key === "+" ? `${styles.key} ${styles.plus}` : styles.key}
          onClick={() => onKey(key)}
        >
          {key}
        </Button>
      ))}
    </div>
  );
}
