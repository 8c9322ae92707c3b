import { Button, Link, makeStyles, tokens } from "@fluentui/react-components";
import { SignOutRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, type Problem } from "../../api/problem";
import { ProblemBar } from "../../surface/ProblemBar";
import { useLive, useProduct, useTexts } from "../../surface/product";

const useStyles = makeStyles({
  foot: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
  end: { marginInlineStart: "auto" },
  keys: {
    display: "grid",
    gridTemplateColumns: "max-content 1fr",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    marginBlock: tokens.spacingVerticalS,
  },
  key: {
    fontFamily: tokens.fontFamilyBase,
    paddingInline: tokens.spacingHorizontalXS,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  shortcuts: { width: "100%" },
  summary: { cursor: "pointer", width: "max-content" },
});

/** What is needed seldom: the phone system one is signed in to, signing out, administration, the keys. */
export function PageFoot() {
  const styles = useStyles();
  const { line, desk } = useProduct();
  const texts = useTexts();
  const session = useLive((state) => state.session);
  const administers = useAdministers();
  const [problem, setProblem] = useState<Problem | null>(null);
  const signOut = () => void line.signOut().catch((thrown: unknown) => setProblem(asProblem(thrown)));
  return (
    <footer className={styles.foot}>
      {session?.pbx && <span>{session.pbx.name}</span>}
      {administers && (
        <Link as="button" onClick={() => desk.setState({ page: "administration" })}>
          {texts.administration.title}
        </Link>
      )}
      {session?.state === "signed_in" && (
        <Button className={styles.end} size="small" appearance="subtle" icon={<SignOutRegular />} onClick={signOut}>
          {texts.signIn.signOut}
        </Button>
      )}
      {problem !== null && <ProblemBar problem={problem} />}
      <Shortcuts />
    </footer>
  );
}

/** Whether this person may administer: the service is asked once, after the page stands. */
function useAdministers(): boolean {
  const { line } = useProduct();
  const open = useLive((state) => state.link === "open");
  const { isSuccess } = useQuery({
    queryKey: ["pbxs"],
    queryFn: () => line.api.pbxs(),
    enabled: open,
    staleTime: Infinity,
  });
  return isSuccess;
}

function Shortcuts() {
  const styles = useStyles();
  const { shortcuts } = useTexts();
  const rows = [
    [shortcuts.enter, shortcuts.call],
    [`${shortcuts.alt} + N`, shortcuts.number],
    [`${shortcuts.alt} + X`, shortcuts.hangup],
    [`${shortcuts.alt} + P`, shortcuts.hold],
    [shortcuts.esc, shortcuts.escape],
  ] as const;
  return (
    <details className={styles.shortcuts}>
      <summary className={styles.summary}>{shortcuts.title}</summary>
      <div className={styles.keys}>
        {rows.map(([key, effect]) => (
          <div key={key} style={{ display: "contents" }}>
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
