/** The product's words for the generated API types; nothing is described by hand here that the OpenAPI document describes. */
import type { components } from "./types";

type Schemas = components["schemas"];

export type Session = Schemas["SessionState"];
export type PbxChoice = Schemas["PbxChoice"];
export type Call = Schemas["CallView"];
export type CallAction = Call["actions"][number];
export type CallState = Call["state"];
export type Phone = Schemas["PhoneView"];
export type Presence = Schemas["PresenceView"];
export type Pbx = Schemas["PbxView"];
export type PbxMapping = Schemas["PbxRequest"];
export type Check = Schemas["CheckView"];
export type Interrupted = Schemas["InterruptedCall"];
export type Snapshot = Schemas["Snapshot"];
export type Notice = Schemas["Notice"];
export type EndReason = NonNullable<Session["reason"]>;
