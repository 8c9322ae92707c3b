import type { Pbx, PbxMapping } from "../../api/model";

export type Tls = NonNullable<PbxMapping["tls"]>;
export type Callbacks = NonNullable<PbxMapping["callbacks"]>;

/** A phone system as somebody types it. */
export interface PbxDraft {
  readonly name: string;
  readonly host: string;
  readonly port: string;
  readonly tls: Tls;
  readonly certificateSha256: string;
  readonly primary: boolean;
  readonly callbacks: Callbacks;
  readonly country: string;
}

export type DraftField = keyof PbxDraft;

/** What is wrong with a field; the words are in the texts under the same name. */
export type Fault = "missing" | "badHost" | "badPort" | "badFingerprint" | "refusedField";

export type Faults = Readonly<Partial<Record<DraftField, Fault>>>;

export function freshDraft(country: string, first: boolean): PbxDraft {
  return {
    name: "",
    host: "",
    port: "443",
    tls: "required",
    certificateSha256: "",
    primary: first,
    callbacks: "auto",
    country,
  };
}

/** A known phone system, to be changed. */
export function draftOf(pbx: Pbx): PbxDraft {
  return { ...pbx, port: String(pbx.port), certificateSha256: pbx.certificateSha256 ?? "" };
}

/** Takes the host out of what people paste: a whole address with scheme, port and path. */
export function withHost(draft: PbxDraft, typed: string): PbxDraft {
  const address = /^\s*https?:\/\/([^/:\s]+)(?::(\d+))?/i.exec(typed);
  if (address === null) return { ...draft, host: typed };
  return { ...draft, host: address[1] ?? "", port: address[2] ?? draft.port };
}

export function faultsOf(draft: PbxDraft): Faults {
  const port = Number(draft.port);
  return {
    ...(draft.name.trim() === "" && { name: "missing" }),
    ...(draft.host.trim() === ""
      ? { host: "missing" }
      : !/^[A-Za-z0-9._:[\]%-]+$/.test(draft.host.trim()) && { host: "badHost" }),
    ...(!(Number.isInteger(port) && port >= 1 && port <= 65_535) && { port: "badPort" }),
    ...(draft.tls === "pinned" &&
      !/^[0-9a-f]{64}$/.test(bareFingerprint(draft)) && { certificateSha256: "badFingerprint" }),
  };
}

/** Faults that the service found: it names the fields, the API's names are the form's. */
export function refusedFields(names: readonly string[], draft: PbxDraft): Faults {
  return Object.fromEntries(names.filter((name) => name in draft).map((name) => [name, "refusedField"]));
}

export function mappingOf(draft: PbxDraft): PbxMapping {
  return {
    name: draft.name.trim(),
    host: draft.host.trim(),
    port: Number(draft.port),
    tls: draft.tls,
    ...(draft.tls === "pinned" && { certificateSha256: bareFingerprint(draft) }),
    primary: draft.primary,
    callbacks: draft.callbacks,
    country: draft.country,
  };
}

function bareFingerprint(draft: PbxDraft): string {
  return draft.certificateSha256.replaceAll(/[\s:]/g, "").toLowerCase();
}
