import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import type { Notice } from "../../api/model";
import { isLive } from "../../live/state";
import { useDesk, useLive, useProduct, useTexts } from "../../surface/product";
import { ResumeOffer } from "./ResumeOffer";

/** Notices that are for the technically curious and have no place on this page. */
const QUIET: ReadonlySet<string> = new Set(["push", "poll", "reconnect"]);

/** Everything that has to be known before the page below is believed: connection, sign-in, notices, offers. */
export function Bars() {
  const texts = useTexts();
  const lost = useLive((state) => state.link === "lost");
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  const notices = useLive((state) => state.notices);
  return (
    <>
      {!signedIn && <SignedOutBar />}
      {signedIn && lost && (
        <MessageBar intent="warning" layout="multiline" data-bar="link_lost">
          <MessageBarBody>{texts.link.lost}</MessageBarBody>
        </MessageBar>
      )}
      {notices
        .filter(({ code }) => !QUIET.has(code))
        .map((notice) => (
          <NoticeBar key={notice.code} notice={notice} />
        ))}
      <ResumeOffer />
    </>
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
  const { line } = useProduct();
  const texts = useTexts();
  const intents = { pbx_lost: "warning", pbx_back: "success" } as Readonly<Record<string, "warning" | "success">>;
  const own = { pbx_lost: texts.link.pbx_lost, pbx_back: texts.link.pbx_back } as Readonly<Record<string, string>>;
  const text = own[notice.code] ?? texts.problems[notice.code] ?? notice.text;
  return (
    <MessageBar intent={intents[notice.code] ?? "info"} layout="multiline" data-bar={notice.code}>
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
