import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { BackspaceRegular } from "@fluentui/react-icons";
import { useTexts } from "../../surface/product";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#", "+"] as const;

const useStyles = makeStyles({
  pad: {
    display: "grid",
    gridTemplateColumns: "repeat(3, minmax(0, 6rem))",
    justifyContent: "center",
    gap: tokens.spacingHorizontalS,
  },
  key: { minWidth: 0, minHeight: "44px", fontSize: tokens.fontSizeBase400 },
  back: { minWidth: 0, maxWidth: "none", gridColumn: "span 2" },
});

/** Keys for those who would rather point than type. */
export function Keypad({ onKey, onBack }: { onKey: (key: string) => void; onBack: () => void }) {
  const styles = useStyles();
  const { phone } = useTexts();
  return (
    <div className={styles.pad} role="group" aria-label={phone.keypad}>
      {KEYS.map((key) => (
        <Button key={key} className={styles.key} onClick={() => onKey(key)}>
          {key}
        </Button>
      ))}
      <Button className={styles.back} icon={<BackspaceRegular />} aria-label={phone.back} onClick={onBack} />
    </div>
  );
}
