import { Button, makeStyles, tokens } from "@fluentui/react-components";
import type { UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState, type ReactElement, type ReactNode } from "react";
import { asProblem, type Problem } from "../api/problem";
import { ProblemBar } from "../surface/ProblemBar";
import { Skeleton } from "../surface/Skeleton";
import { useLive, useProduct, useTexts } from "../surface/product";

/** After this one is told that it takes longer than usual. */
const SLOW = 4_000;

const useStyles = makeStyles({
  slow: { color: tokens.colorNeutralForeground3, margin: 0, minHeight: tokens.lineHeightBase300 },
  blank: {
    display: "grid",
    justifyItems: "center",
    textAlign: "center",
    rowGap: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalXXXL} ${tokens.spacingHorizontalL}`,
    color: tokens.colorNeutralForeground3,
  },
  icon: { fontSize: "2.25rem", height: "2.25rem", color: tokens.colorNeutralForeground3 },
  title: { color: tokens.colorNeutralForeground1, fontWeight: tokens.fontWeightSemibold },
  text: { maxWidth: "26rem" },
});

interface AnsweredProps<T> {
  readonly query: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
  readonly rows?: number;
  /** Whether the answer is there without a sign-in to a phone system. */
  readonly open?: boolean;
}

/** What a page shows of a question to the service: its shape at first, then the answer; or why there is none, and what to do. */
export function Answered<T>({ query, children, rows = 6, open = false }: AnsweredProps<T>) {
  const texts = useTexts();
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && <Refusal problem={asProblem(query.error)} onAgain={() => void query.refetch()} />}
        {children(query.data)}
      </>
    );
  }
  if (!signedIn && !open) return <Blank title={texts.signIn.reasons.never} text={texts.problems["signed_out"] ?? ""} />;
  if (query.isError) return <Refusal problem={asProblem(query.error)} onAgain={() => void query.refetch()} />;
  return (
    <>
      <Skeleton rows={rows} label={texts.loading} />
      <Slow />
    </>
  );
}

function Slow() {
  const styles = useStyles();
  const { link } = useTexts();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p className={styles.slow} role="status">
      {slow ? link.slow : ""}
    </p>
  );
}

/** Why there is no answer. What the person may not or the phone system cannot do is no alarm and is not tried again. */
function Refusal({ problem, onAgain }: { problem: Problem; onAgain: () => void }) {
  const texts = useTexts();
  const { desk } = useProduct();
  const { lists } = texts;
  if (problem.code === "pbx_permission")
    return <Blank title={lists.noRight} text={texts.problems[problem.code] ?? ""} />;
  if (problem.code === "not_found") return <Blank title={lists.notOffered} text={lists.notOfferedText} />;
  const signedOut = problem.code === "signed_out";
  return (
    <ProblemBar problem={problem} intent="warning">
      <Button onClick={signedOut ? () => desk.setState({ signIn: "open" }) : onAgain}>
        {signedOut ? texts.signIn.submit : texts.retry}
      </Button>
    </ProblemBar>
  );
}

interface BlankProps {
  readonly title: string;
  readonly text?: string;
  readonly icon?: ReactElement;
  readonly children?: ReactNode;
}

/** A list with nothing in it, or one that cannot be shown: says what would be here. */
export function Blank({ title, text = "", icon, children }: BlankProps) {
  const styles = useStyles();
  return (
    <div className={styles.blank} data-blank="">
      {icon !== undefined && (
        <span className={styles.icon} aria-hidden>
          {icon}
        </span>
      )}
      <span className={styles.title}>{title}</span>
      {text !== "" && <span className={styles.text}>{text}</span>}
      {children}
    </div>
  );
}
