import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import type { Notice } from "../api/model";
import { isLive } from "../live/state";
import { useDesk, useLive, useProduct, useTexts } from "../surface/product";
import { ResumeOffer } from "./ResumeOffer";

/** Notices that are for the technically curious and have no place on this page. */
const QUIET: ReadonlySet<string> = new Set(["push", "poll", "reconnect"]);

const useStyles = makeStyles({
  snacks: {
    position: "fixed",
    zIndex: 1,
    insetInline: 0,
    bottom: tokens.spacingVerticalL,
    boxSizing: "border-box",
    maxWidth: "46rem",
    marginInline: "auto",
    paddingInline: tokens.spacingHorizontalM,
    display: "flex",
    flexDirection: "column",
    rowGap: tokens.spacingVerticalS,
    pointerEvents: "none",
  },
  snack: { pointerEvents: "auto", boxShadow: tokens.shadow16 },
});

/** What wants an answer: a sign-in that ended, a call that was interrupted. */
export function Bars() {
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  return (
    <>
      {!signedIn && <SignedOutBar />}
      <ResumeOffer />
    </>
  );
}

/** What only has to be known: it comes and goes by itself, so it lies at the lower edge and never moves the page. */
export function Snacks() {
  const styles = useStyles();
  const texts = useTexts();
  const lost = useLive((state) => state.link === "lost" && state.session?.state === "signed_in");
  const notices = useLive((state) => state.notices);
  const shown = lost ? [] : notices.filter(({ code }) => !QUIET.has(code));
  return (
    <div className={styles.snacks} aria-live="polite">
      {lost && (
        <MessageBar className={styles.snack} intent="warning" layout="multiline" data-bar="link_lost">
          <MessageBarBody>{texts.link.lost}</MessageBarBody>
        </MessageBar>
      )}
      {shown.map((notice) => (
        <NoticeBar key={notice.code} notice={notice} />
      ))}
    </div>
  );
}

function SignedOutBar() {
  const { desk } = useProduct();
  const { signIn } = useTexts();
  const calling = useLive((state) => state.calls.some(isLive));
  const open = useDesk((state) => state.signIn === "open");
  if (open) return null;
  return (
    <MessageBar intent="info" layout="multiline" data-bar="signed_out">
      <MessageBarBody>{calling ? signIn.duringCall : signIn.signedOutBar}</MessageBarBody>
      <MessageBarActions>
        <Button onClick={() => desk.setState({ signIn: "open" })}>{signIn.submit}</Button>
      </MessageBarActions>
    </MessageBar>
  );
}

function NoticeBar({ notice }: { notice: Notice }) {
  const styles = useStyles();
  const { line } = useProduct();
  const texts = useTexts();
  const intents = { pbx_lost: "warning", pbx_back: "success" } as Readonly<Record<string, "warning" | "success">>;
  const own = { pbx_lost: texts.link.pbx_lost, pbx_back: texts.link.pbx_back } as Readonly<Record<string, string>>;
  const text = own[notice.code] ?? texts.problems[notice.code] ?? notice.text;
  return (
    <MessageBar
      className={styles.snack}
      intent={intents[notice.code] ?? "info"}
      layout="multiline"
      data-bar={notice.code}
    >
      <MessageBarBody>
        {text === "" ? <MessageBarTitle>{texts.code(notice.code)}</MessageBarTitle> : text}
      </MessageBarBody>
      <MessageBarActions
        containerAction={
          <Button
            appearance="transparent"
            icon={<DismissRegular />}
            aria-label={texts.close}
            onClick={() => line.dismiss(notice.code)}
          />
        }
      />
    </MessageBar>
  );
}
