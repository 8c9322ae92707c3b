import { MessageBar, MessageBarBody } from "@fluentui/react-components";
import { CallConnectingRegular } from "@fluentui/react-icons";
import { FullPage } from "../../surface/FullPage";
import { useLive, useProduct, useTexts } from "../../surface/product";
import { SignInForm } from "./SignInForm";

/** The first page of somebody who is not signed in. */
export default function SignInPage() {
  const { line } = useProduct();
  const texts = useTexts();
  const session = useLive((state) => state.session);
  if (session === null) return null;
  const { reason, pbxs } = session;
  return (
    <FullPage title={texts.signIn.title} text={texts.signIn.intro} icon={<CallConnectingRegular />}>
      {reason !== null && reason !== "never" && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{texts.signIn.reasons[reason]}</MessageBarBody>
        </MessageBar>
      )}
      <SignInForm pbxs={pbxs} onSignedIn={(fresh) => line.adopt(fresh)} />
    </FullPage>
  );
}
