import { makeStyles, tokens } from "@fluentui/react-components";
import { CallRegular } from "@fluentui/react-icons";
import { useLive, useTexts } from "../../surface/product";
import { CallTile } from "./CallTile";
import { PlacedTile } from "./PlacedTile";

const useStyles = makeStyles({
  section: { display: "flex", flexDirection: "column", rowGap: tokens.spacingVerticalM },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase300,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
  },
  tiles: {
    listStyle: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalM,
  },
  empty: {
    display: "grid",
    gridTemplateColumns: "auto 1fr",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalL,
    padding: tokens.spacingHorizontalXL,
    borderRadius: tokens.borderRadiusXLarge,
    border: `1px dashed ${tokens.colorNeutralStroke1}`,
    color: tokens.colorNeutralForeground3,
    "@media (max-width: 480px)": { padding: tokens.spacingHorizontalL },
  },
  icon: { fontSize: "1.75rem", height: "1.75rem" },
  none: { display: "block", color: tokens.colorNeutralForeground2, fontWeight: tokens.fontWeightSemibold },
});

/** All calls at once, one tile each, the oldest first: a second call never covers the first. */
export function CallList() {
  const styles = useStyles();
  const { calls: texts } = useTexts();
  const calls = useLive((state) => state.calls);
  const wishes = useLive((state) => state.wishes);
  const placed = wishes.filter(({ kind, problem }) => kind === "call" && problem === null);
  return (
    <section className={styles.section} aria-label={texts.title}>
      <h2 className={styles.title}>{texts.title}</h2>
      {calls.length + placed.length === 0 ? (
        <div className={styles.empty}>
          <CallRegular className={styles.icon} aria-hidden />
          <span>
            <span className={styles.none}>{texts.none}</span>
            {texts.noneText}
          </span>
        </div>
      ) : (
        <ul className={styles.tiles}>
          {calls.map((call) => (
            <CallTile key={call.id} call={call} />
          ))}
          {placed.map((wish) => (
            <PlacedTile key={wish.key} wish={wish} />
          ))}
        </ul>
      )}
    </section>
  );
}
