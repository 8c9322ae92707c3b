import { useHiddenStyles } from "../../surface/hidden";
import { PageFrame } from "../../surface/PageFrame";
import { useTexts } from "../../surface/product";
import { CallList } from "./CallList";
import { DialCard } from "./DialCard";
import { PresenceBar } from "./PresenceBar";
import { Shortcuts } from "./Shortcuts";

/** The phone: who one is to others, a number to call, and the calls that live on one's phone. */
export default function PhonePage() {
  const hidden = useHiddenStyles();
  const texts = useTexts();
  return (
    <PageFrame title={<span className={hidden.hidden}>{texts.product}</span>}>
      <PresenceBar />
      <DialCard />
      <CallList />
      <Shortcuts />
    </PageFrame>
  );
}
