import { Button, MessageBar, MessageBarActions, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { asProblem, type Problem } from "../api/problem";
import { ProblemBar } from "../surface/ProblemBar";
import { useProduct, useTexts } from "../surface/product";

/** How long a deletion can be taken back. Until then nothing has been asked of the phone system. */
export const UNDO = 7_000;

const useStyles = makeStyles({
  bar: {
    position: "fixed",
    zIndex: 2,
    insetInline: 0,
    bottom: tokens.spacingVerticalL,
    maxWidth: "30rem",
    marginInline: "auto",
    paddingInline: tokens.spacingHorizontalM,
    "@media (max-width: 600px)": { bottom: "72px" },
  },
  message: { boxShadow: tokens.shadow16 },
});

interface Pending {
  readonly ids: readonly string[];
  readonly timer: ReturnType<typeof setTimeout>;
}

interface Undo {
  /** Ids that are to be shown as gone. */
  readonly gone: ReadonlySet<string>;
  readonly remove: (id: string) => void;
  /** The bar that offers to take it back, or says why it was not done. */
  readonly bar: ReactNode;
}

/** Deletes after a while in which it can be taken back; what the phone system refuses comes back with the reason. */
export function useUndo(send: (id: string) => Promise<void>, said: (count: number) => string, failed: string): Undo {
  const { line } = useProduct();
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [pending, setPending] = useState<Pending | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const waiting = useRef<Pending | null>(null);
  const sender = useRef(send);
  useEffect(() => {
    sender.current = send;
    waiting.current = pending;
  });

  const comeBack = useCallback((ids: readonly string[]) => {
    setGone((known) => new Set([...known].filter((id) => !ids.includes(id))));
  }, []);
  const settle = useCallback(
    (ids: readonly string[]) => {
      setPending(null);
      for (const id of ids) {
        sender.current(id).catch((thrown: unknown) => {
          comeBack([id]);
          setProblem(line.noticed(asProblem(thrown)));
        });
      }
    },
    [comeBack, line],
  );
  useEffect(() => {
    return () => {
      if (waiting.current === null) return;
      clearTimeout(waiting.current.timer);
      settle(waiting.current.ids); // Turning to another page is no reason to keep what was thrown away.
    };
  }, [settle]);

  const remove = (id: string): void => {
    setProblem(null);
    setGone((known) => new Set([...known, id]));
    if (pending !== null) clearTimeout(pending.timer);
    const ids = [...(pending?.ids ?? []), id];
    setPending({ ids, timer: setTimeout(() => settle(ids), UNDO) });
  };
  const takeBack = (): void => {
    if (pending === null) return;
    clearTimeout(pending.timer);
    comeBack(pending.ids);
    setPending(null);
  };
  return {
    gone,
    remove,
    bar: <UndoBar {...{ problem, failed }} said={pending && said(pending.ids.length)} onUndo={takeBack} />,
  };
}

interface UndoBarProps {
  readonly problem: Problem | null;
  readonly failed: string;
  readonly said: string | null;
  readonly onUndo: () => void;
}

function UndoBar({ problem, failed, said, onUndo }: UndoBarProps) {
  const styles = useStyles();
  const texts = useTexts();
  return (
    <>
      {problem !== null && <ProblemBar problem={problem} title={failed} />}
      <div className={styles.bar} role="status">
        {said !== null && (
          <MessageBar className={styles.message} data-bar="undo">
            <MessageBarBody>{said}</MessageBarBody>
            <MessageBarActions>
              <Button onClick={onUndo}>{texts.undo}</Button>
            </MessageBarActions>
          </MessageBar>
        )}
      </div>
    </>
  );
}
