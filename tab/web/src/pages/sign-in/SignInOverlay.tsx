import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useLayoutEffect, useRef, type SyntheticEvent } from "react";
import type { Session } from "../../api/model";
import { useDesk, useLive, useProduct, useTexts } from "../../surface/product";
import { SignInForm } from "./SignInForm";

const useStyles = makeStyles({
  dialog: {
    boxSizing: "border-box",
    width: "min(26rem, calc(100vw - 2rem))",
    maxHeight: "calc(100vh - 2rem)",
    padding: tokens.spacingHorizontalXXL,
    border: `1px solid ${tokens.colorTransparentStroke}`,
    borderRadius: tokens.borderRadiusXLarge,
    color: tokens.colorNeutralForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow64,
    "::backdrop": { backgroundColor: tokens.colorBackgroundOverlay },
  },
  head: { display: "flex", alignItems: "start", justifyContent: "space-between", columnGap: tokens.spacingHorizontalM },
  title: { margin: 0, fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500 },
  reason: {
    color: tokens.colorNeutralForeground2,
    marginBlock: `${tokens.spacingVerticalS} ${tokens.spacingVerticalXL}`,
  },
});

/** The sign-in, laid over the page when it ended: the page below stays as it is. The browser's own modal dialog keeps the focus. */
export default function SignInOverlay() {
  const styles = useStyles();
  const { line, desk } = useProduct();
  const texts = useTexts();
  const session = useLive((state) => state.session);
  const open = useDesk((state) => state.signIn === "open");
  const dialog = useRef<HTMLDialogElement>(null);

  // Before the form puts the focus into its field: opening would take it to the first button.
  useLayoutEffect(() => {
    if (open && dialog.current?.open === false) dialog.current.showModal();
  }, [open]);

  if (session === null) return null;
  const putOff = () => desk.setState({ signIn: "later" });
  const cancelled = (event: SyntheticEvent) => {
    event.preventDefault();
    putOff();
  };
  const signedIn = (fresh: Session) => {
    desk.setState({ signIn: "closed" });
    line.adopt(fresh);
  };
  const reason = session.reason ?? "never";
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby="sign-in-title" onCancel={cancelled}>
      <div className={styles.head}>
        <h2 id="sign-in-title" className={styles.title}>
          {texts.signIn.again}
        </h2>
        <Button appearance="subtle" icon={<DismissRegular />} aria-label={texts.later} onClick={putOff} />
      </div>
      <p className={styles.reason}>
        {texts.signIn.reasons[reason]} {texts.signIn.kept}
      </p>
      <SignInForm pbxs={session.pbxs} onSignedIn={signedIn} />
    </dialog>
  );
}
