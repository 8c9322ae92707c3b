import { Button } from "@fluentui/react-components";
import { CallRegular, DismissRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { Call } from "../../api/model";
import type { Problem } from "../../api/problem";
import { ProblemBar } from "../../surface/ProblemBar";
import { useProduct, useTexts } from "../../surface/product";
import { useTileStyles } from "./tile-look";

/** What to do about a call that nobody here took. */
export function MissedActions({ call }: { call: Call }) {
  const styles = useTileStyles();
  const { line, desk } = useProduct();
  const texts = useTexts();
  const [problem, setProblem] = useState<Problem | null>(null);
  const callBack = async (): Promise<void> => {
    const refused = await line.call(call.remote.number, desk.getState().phoneId);
    setProblem(refused);
    if (refused === null) line.putAway(call.id);
  };
  return (
    <>
      {problem !== null && (
        <div className={styles.wide}>
          <ProblemBar problem={problem} title={texts.calls.failed.call} />
        </div>
      )}
      <div className={styles.actions}>
        {call.remote.number !== "" && (
          <Button appearance="primary" icon={<CallRegular />} onClick={() => void callBack()}>
            {texts.calls.callBack}
          </Button>
        )}
        <Button icon={<DismissRegular />} onClick={() => line.putAway(call.id)}>
          {texts.calls.putAway}
        </Button>
      </div>
    </>
  );
}
