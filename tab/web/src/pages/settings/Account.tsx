import { Button } from "@fluentui/react-components";
import { SignOutRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { asProblem, type Problem } from "../../api/problem";
import { useRowStyles } from "../../lists/row-look";
import { ProblemBar } from "../../surface/ProblemBar";
import { useLive, useProduct, useRooms, useTexts } from "../../surface/product";
import { useNow } from "../../surface/time";

/** Where one is signed in and until when. */
export function Account() {
  const styles = useRowStyles();
  const { line, desk, language } = useProduct();
  const texts = useTexts();
  const { settings } = useRooms();
  const session = useLive((state) => state.session);
  const [problem, setProblem] = useState<Problem | null>(null);
  const now = useNow(60_000);
  const signedIn = session?.state === "signed_in";
  const signOut = () => void line.signOut().catch((thrown: unknown) => setProblem(asProblem(thrown)));
  return (
    <section className={styles.card} aria-labelledby="settings-account">
      <h2 id="settings-account" className={styles.cardTitle}>
        {settings.account}
      </h2>
      {signedIn ? (
        <>
          <span>
            {settings.signedInTo(session.pbx?.name ?? "STARFACE")}{" "}
            {session.expiresAt !== null && settings.ends(language.moment(Date.parse(session.expiresAt), now))}
          </span>
          <p className={styles.hint}>{settings.signOutHint}</p>
        </>
      ) : (
        <span>{settings.notSignedIn}</span>
      )}
      {problem !== null && <ProblemBar problem={problem} />}
      <div>
        {signedIn ? (
          <Button icon={<SignOutRegular />} onClick={signOut}>
            {settings.signOut}
          </Button>
        ) : (
          <Button appearance="primary" onClick={() => desk.setState({ signIn: "open" })}>
            {texts.signIn.submit}
          </Button>
        )}
      </div>
    </section>
  );
}
