import {
  CallDismissRegular,
  CallEndRegular,
  CallInboundRegular,
  CallMissedRegular,
  CallOutboundRegular,
  CallRegular,
  PauseRegular,
  PeopleRegular,
  VoicemailRegular,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import type { CallState } from "../../api/model";
import { isMissed, type LiveCall } from "../../live/state";

const ICONS: Readonly<Partial<Record<CallState, ReactElement>>> = {
  connected: <CallRegular aria-hidden />,
  consulting: <CallRegular aria-hidden />,
  conference: <PeopleRegular aria-hidden />,
  held: <PauseRegular aria-hidden />,
  voicemail: <VoicemailRegular aria-hidden />,
  ended: <CallEndRegular aria-hidden />,
  other: <CallDismissRegular aria-hidden />,
};

export function StateIcon({ call }: { call: LiveCall }) {
  if (isMissed(call)) return <CallMissedRegular aria-hidden />;
  return (
    ICONS[call.state] ??
    (call.direction === "inbound" ? <CallInboundRegular aria-hidden /> : <CallOutboundRegular aria-hidden />)
  );
}
