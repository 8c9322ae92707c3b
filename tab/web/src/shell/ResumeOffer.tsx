import { Button, MessageBar, MessageBarActions, MessageBarBody } from "@fluentui/react-components";
import { CallRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import type { Interrupted } from "../api/model";
import type { Problem } from "../api/problem";
import { ProblemBar } from "../surface/ProblemBar";
import { useDesk, useLive, useProduct, useTexts } from "../surface/product";

/** Offers the call that a sign-in interrupted: what the service kept for us, else what this page kept itself. */
export function ResumeOffer() {
  const { line, desk } = useProduct();
  const texts = useTexts();
  const [problem, setProblem] = useState<Problem | null>(null);
  const offer = useOffer();

  if (problem !== null) return <ProblemBar problem={problem} title={texts.calls.failed.call} />;
  if (offer === null) return null;
  const accept = async () => {
    offer.forget();
    setProblem(offer.kept ? await line.call(offer.number, offer.phoneId) : await line.resume(offer.number));
    desk.setState((state) => (state.number === offer.number ? { number: "" } : {}));
  };
  const decline = () => {
    offer.forget();
    if (!offer.kept) void line.api.forgetInterrupted().catch(() => undefined); // It ends by itself within minutes.
  };
  return (
    <MessageBar intent="info" layout="multiline" data-bar="resume_offer">
      <MessageBarBody>{texts.resume.offer(offer.number)}</MessageBarBody>
      <MessageBarActions>
        <Button appearance="primary" icon={<CallRegular />} onClick={() => void accept()}>
          {texts.phone.call}
        </Button>
        <Button onClick={decline}>{texts.resume.no}</Button>
      </MessageBarActions>
    </MessageBar>
  );
}

function useOffer() {
  const { line, desk } = useProduct();
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  const since = useLive((state) => state.session?.expiresAt ?? "");
  const offers = useDesk((state) => state.offers);
  const kept = useDesk((state) => state.kept);
  const [answer, setAnswer] = useState<{ readonly to: string; readonly action: Interrupted | null } | null>(null);
  const [forgotten, setForgotten] = useState("");
  const asked = `${since} ${offers}`;
  useEffect(() => {
    if (!signedIn) return;
    line.api.interrupted().then(
      (action) => setAnswer({ to: asked, action }),
      () => setAnswer({ to: asked, action: null }), // Without an answer, what this page kept itself is offered.
    );
  }, [line, signedIn, asked]);
  const forget = () => {
    setForgotten(asked);
    desk.setState({ kept: null });
  };
  if (!signedIn) return null;
  const action = answer?.to === asked ? answer.action : null;
  if (action?.kind === "call" && forgotten !== asked)
    return { number: action.number, phoneId: null, kept: false, forget };
  if (kept !== null && answer?.to === asked) return { ...kept, kept: true, forget };
  return null;
}
