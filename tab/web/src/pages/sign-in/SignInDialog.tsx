import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleRegular } from "@fluentui/react-icons";
import { useCallback, useEffect, useState } from "react";
import type { Session } from "../../api/model";
import { asProblem, type Problem } from "../../api/problem";
import { arrived } from "../../surface/arrival";
import { FullPage } from "../../surface/FullPage";
import { ProblemBar } from "../../surface/ProblemBar";
import { useProduct, useTexts } from "../../surface/product";
import { SignInForm } from "./SignInForm";

const useStyles = makeStyles({ reason: { margin: 0, color: tokens.colorNeutralForeground2 } });

/** The sign-in by itself, opened as a dialog by the bot's card. On success it hands `{"kind":"signed_in"}` to the bot and closes. */
export function SignInDialog() {
  const styles = useStyles();
  const { line, host } = useProduct();
  const texts = useTexts();
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [done, setDone] = useState(false);

  const ask = useCallback(() => {
    line.api.session().then(
      (known) => {
        setProblem(null);
        setSession(known);
      },
      (thrown: unknown) => setProblem(asProblem(thrown)),
    );
  }, [line]);
  useEffect(ask, [ask]);
  const shown = session !== null || problem !== null;
  useEffect(() => {
    if (!shown) return;
    arrived();
    host.ready();
  }, [host, shown]);

  const signedIn = () => {
    setDone(true);
    host.submitDialog({ kind: "signed_in" });
  };
  if (done)
    return <FullPage title={texts.signIn.done} text={texts.signIn.doneText} icon={<CheckmarkCircleRegular />} />;
  if (problem !== null) {
    return (
      <FullPage title={texts.signIn.title}>
        <ProblemBar problem={problem} />
        <div>
          <Button onClick={ask}>{texts.retry}</Button>
        </div>
      </FullPage>
    );
  }
  if (session === null) return null;
  if (session.pbxs.length === 0) return <FullPage title={texts.noPbx.title} text={texts.noPbx.text} />;
  return (
    <FullPage title={texts.signIn.title}>
      {session.reason !== null && session.reason !== "never" && (
        <p className={styles.reason}>{texts.signIn.reasons[session.reason]}</p>
      )}
      <SignInForm pbxs={session.pbxs} onSignedIn={signedIn} />
    </FullPage>
  );
}
