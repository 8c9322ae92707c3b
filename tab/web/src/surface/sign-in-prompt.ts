import { useEffect } from "react";
import { isLive } from "../live/state";
import { useDesk, useLive, useProduct } from "./product";

/**
 * Decides when the sign-in lies over the page: once for each end of a sign-in, never while a call is live (then a quiet bar
 * tells of it until the call is over), and not again after it was put off.
 */
export function useSignInPrompt(): void {
  const { desk } = useProduct();
  const state = useLive(({ session }) => session?.state);
  const pbx = useLive(({ session }) => session?.pbx?.id ?? null);
  const calling = useLive(({ calls }) => calls.some(isLive));
  const prompt = useDesk((known) => known.signIn);

  useEffect(() => {
    if (pbx !== null) desk.setState({ lastPbx: pbx });
  }, [desk, pbx]);

  useEffect(() => {
    if (state === "signed_in") desk.setState({ signIn: "closed" });
    else if (state === "signed_out" && !calling && prompt === "closed") desk.setState({ signIn: "open" });
  }, [desk, state, calling, prompt]);
}
