import { Button, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { CallEndRegular } from "@fluentui/react-icons";
import { isLive, type LiveCall } from "../live/state";
import { turnTo } from "../surface/desk";
import { useLive, useProduct, useTexts } from "../surface/product";
import { CALL_ATTRIBUTE } from "./shortcuts";

const useStyles = makeStyles({
  strip: { listStyle: "none", padding: 0, marginBlock: 0, display: "flex", flexDirection: "column", rowGap: "4px" },
  call: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorTransparentStroke}`,
    borderInlineStartWidth: "4px",
    borderInlineStartColor: tokens.colorBrandForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow8,
  },
  doubtful: { borderInlineStartColor: tokens.colorNeutralStroke1, boxShadow: "none" },
  who: { flexGrow: 1, minWidth: "8rem", overflow: "hidden" },
  name: {
    display: "block",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    fontWeight: tokens.fontWeightSemibold,
  },
  state: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

/** The calls that live, on every page but the phone: whoever is reading a list never misses that it rings. */
export function CallStrip() {
  const styles = useStyles();
  const { calls: texts } = useTexts();
  const calls = useLive((state) => state.calls);
  const live = calls.filter(isLive);
  if (live.length === 0) return null;
  return (
    <ul className={styles.strip} aria-label={texts.title}>
      {live.map((call) => (
        <StripCall key={call.id} call={call} />
      ))}
    </ul>
  );
}

function StripCall({ call }: { call: LiveCall }) {
  const styles = useStyles();
  const { line, desk } = useProduct();
  const { calls: texts, link } = useTexts();
  const doubtful = useLive((state) => state.link === "lost" || state.session?.state !== "signed_in");
  const asked = useLive((state) => state.wishes.some(({ callId, problem }) => callId === call.id && problem === null));
  const who = call.remote.name || call.remote.number || texts.unknown;
  const word = (texts.states[call.state] as string | undefined) ?? texts.states.other;
  const refusing = call.state === "ringing" && call.direction === "inbound";
  return (
    <li
      className={mergeClasses(styles.call, doubtful && styles.doubtful)}
      {...{ [CALL_ATTRIBUTE]: call.id }}
      data-state={call.state}
      aria-label={who}
    >
      <span className={styles.who}>
        <span className={styles.name} dir="auto">
          {who}
        </span>
        <span className={styles.state}>{doubtful ? link.uncertain(word) : word}</span>
      </span>
      {call.actions.includes("hangup") && !doubtful && (
        <Button icon={<CallEndRegular />} disabled={asked} onClick={() => void line.hangUp(call)}>
          {refusing ? texts.decline : texts.hangup}
        </Button>
      )}
      <Button appearance="primary" onClick={() => turnTo(desk, "phone", call.id)}>
        {texts.show}
      </Button>
    </li>
  );
}
