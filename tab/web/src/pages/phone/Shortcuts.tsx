import { makeStyles, tokens } from "@fluentui/react-components";
import { useTexts } from "../../surface/product";

const useStyles = makeStyles({
  shortcuts: {
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    "@media (hover: none)": { display: "none" },
  },
  summary: { cursor: "pointer", width: "max-content" },
  keys: {
    display: "grid",
    gridTemplateColumns: "max-content 1fr",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    marginBlock: tokens.spacingVerticalS,
  },
  row: { display: "contents" },
  key: {
    fontFamily: tokens.fontFamilyBase,
    paddingInline: tokens.spacingHorizontalXS,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorNeutralBackground1,
  },
});

/** The keys that work on every page, for those who like keys. */
export function Shortcuts() {
  const styles = useStyles();
  const { shortcuts } = useTexts();
  const rows = [
    [shortcuts.enter, shortcuts.call],
    [`${shortcuts.alt} + N`, shortcuts.number],
    [`${shortcuts.alt} + X`, shortcuts.hangup],
    [`${shortcuts.alt} + P`, shortcuts.hold],
    [`${shortcuts.alt} + C`, shortcuts.calls],
    [shortcuts.esc, shortcuts.escape],
  ] as const;
  return (
    <details className={styles.shortcuts}>
      <summary className={styles.summary}>{shortcuts.title}</summary>
      <div className={styles.keys}>
        {rows.map(([key, effect]) => (
          <div key={key} className={styles.row}>
            <kbd>
              <span className={styles.key}>{key}</span>
            </kbd>
            <span>{effect}</span>
          </div>
        ))}
      </div>
    </details>
  );
}
