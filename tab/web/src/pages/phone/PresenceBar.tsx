import { Switch, makeStyles, tokens } from "@fluentui/react-components";
import { useState } from "react";
import type { Presence } from "../../api/model";
import type { Problem } from "../../api/problem";
import { ProblemBar } from "../../surface/ProblemBar";
import { useLive, useProduct, useTexts } from "../../surface/product";
import { useNow } from "../../surface/time";
import { PresenceDot } from "./PresenceDot";

const useStyles = makeStyles({
  bar: {
    display: "flex",
    alignItems: "center",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
  },
  words: { display: "flex", flexDirection: "column", flexGrow: 1, minWidth: 0 },
  state: { fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase400 },
  source: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  peace: { whiteSpace: "nowrap" },
  skeleton: { minHeight: "2.75rem" },
});

/** One's own state as the phone system sees it, with its source and age, and the switch for peace. */
export function PresenceBar() {
  const styles = useStyles();
  const { line } = useProduct();
  const texts = useTexts();
  const presence = useLive((state) => state.presence);
  const doubtful = useLive((state) => state.link === "lost" || state.session?.state !== "signed_in");
  const [problem, setProblem] = useState<Problem | null>(null);
  const enabled = presence?.dnd ?? false;
  const switched = (wanted: boolean) => {
    setProblem(null);
    void line.setDoNotDisturb(wanted).then(setProblem);
  };
  return (
    <section aria-label={texts.presence.title}>
      <div className={styles.bar}>
        <PresenceDot presence={doubtful ? null : presence} />
        <PresenceWords presence={presence} doubtful={doubtful} />
        <Switch
          className={styles.peace}
          label={texts.presence.dnd}
          labelPosition="before"
          title={presence?.dnd === null ? texts.presence.dndUnknown : undefined}
          checked={enabled}
          disabled={presence === null || doubtful}
          onChange={(_, { checked }) => switched(checked)}
        />
      </div>
      {problem !== null && <ProblemBar problem={problem} title={texts.presence.dndFailed} />}
    </section>
  );
}

function PresenceWords({ presence, doubtful }: { presence: Presence | null; doubtful: boolean }) {
  const styles = useStyles();
  const { language } = useProduct();
  const { presence: texts, link } = language.texts;
  const offset = useLive((state) => state.clockOffset);
  const now = useNow(15_000) + offset;
  if (presence === null) return <div className={`${styles.words} ${styles.skeleton}`} />;
  const word = presence.telephony;
  const state = texts.states[word] ?? (word === "" ? texts.none : texts.unknown(word));
  const source = texts.sources[presence.source] ?? presence.source;
  const peace = presence.dnd === true ? texts.dndOn : "";
  return (
    <div className={styles.words} aria-live="polite">
      <span className={styles.state}>{doubtful ? link.uncertain(state) : state}</span>
      <span className={styles.source}>
        {[peace, source, language.age(Date.parse(presence.since), now)].filter((part) => part !== "").join(" · ")}
      </span>
    </div>
  );
}
