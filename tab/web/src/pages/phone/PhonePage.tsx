import { makeStyles, tokens } from "@fluentui/react-components";
import { useHiddenStyles } from "../../surface/hidden";
import { useTexts } from "../../surface/product";
import { Announcer } from "./Announcer";
import { Bars, Snacks } from "./Bars";
import { CallList } from "./CallList";
import { DialCard } from "./DialCard";
import { PageFoot } from "./PageFoot";
import { PresenceBar } from "./PresenceBar";
import { useShortcuts } from "./shortcuts";

const useStyles = makeStyles({
  page: {
    minHeight: "100vh",
    boxSizing: "border-box",
    backgroundColor: tokens.colorNeutralBackground2,
  },
  column: {
    boxSizing: "border-box",
    maxWidth: "46rem",
    marginInline: "auto",
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalXL} 6rem`,
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalL,
    "@media (max-width: 480px)": { paddingInline: tokens.spacingHorizontalM, rowGap: tokens.spacingVerticalM },
  },
});

/** The phone: who one is to others, a number to call, and the calls that live on one's phone. */
export default function PhonePage() {
  const styles = useStyles();
  const hidden = useHiddenStyles();
  const texts = useTexts();
  useShortcuts();
  return (
    <div className={styles.page}>
      <main className={styles.column}>
        <h1 className={hidden.hidden}>{texts.product}</h1>
        <PresenceBar />
        <Bars />
        <DialCard />
        <CallList />
        <PageFoot />
      </main>
      <Snacks />
      <Announcer />
    </div>
  );
}
