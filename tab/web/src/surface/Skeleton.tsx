import { makeStyles, tokens } from "@fluentui/react-components";

const useStyles = makeStyles({
  rows: { display: "flex", flexDirection: "column", rowGap: tokens.spacingVerticalL, paddingBlock: "4px" },
  row: { display: "grid", gridTemplateColumns: "40px 1fr", columnGap: tokens.spacingHorizontalM, alignItems: "center" },
  shape: {
    backgroundColor: tokens.colorNeutralStencil1,
    borderRadius: tokens.borderRadiusMedium,
    height: "14px",
    animationName: { from: { opacity: 1 }, to: { opacity: 0.5 } },
    animationDuration: "0.9s",
    animationDirection: "alternate",
    animationIterationCount: "infinite",
    "@media (prefers-reduced-motion: reduce)": { animationName: "none" },
  },
  round: { height: "40px", borderRadius: tokens.borderRadiusCircular },
  words: { display: "flex", flexDirection: "column", rowGap: "8px" },
});

/** The shape of a list that is on its way. */
export function Skeleton({ rows = 6, label }: { rows?: number; label: string }) {
  const styles = useStyles();
  return (
    <div className={styles.rows} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={styles.row} aria-hidden>
          <span className={`${styles.shape} ${styles.round}`} />
          <span className={styles.words}>
            <span className={styles.shape} style={{ width: `${38 + ((index * 17) % 30)}%` }} />
            <span className={styles.shape} style={{ width: `${22 + ((index * 11) % 20)}%` }} />
          </span>
        </div>
      ))}
    </div>
  );
}
