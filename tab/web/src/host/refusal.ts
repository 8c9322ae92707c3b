import { Problem } from "../api/problem";

/** Codes for what Teams answers instead of a token. */
export type RefusalCode = "teams_consent" | "teams_interaction" | "teams_disabled" | "teams_cancelled" | "teams_token";

/** Teams' answers are free text with known words in it, in changing spelling (Teams platform notes, section 4.3). */
const WORDS: readonly (readonly [RegExp, RefusalCode])[] = [
  [/cancel|closed/, "teams_cancelled"],
  [/consent|invalidgrant|aadsts65001/, "teams_consent"],
  [/resourcedisabled|resourcerequestsignatureinvalid|donotmatch/, "teams_disabled"],
  [/interaction|loginrequired|uirequired|mfa/, "teams_interaction"],
];

/** Turns Teams' refusal to give a token into a problem with a sentence and a button. */
export function refusal(thrown: unknown): Problem {
  const said = thrown instanceof Error ? thrown.message : typeof thrown === "string" ? thrown : "";
  const plain = said.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const code = WORDS.find(([words]) => words.test(plain))?.[1] ?? "teams_token";
  return new Problem(code, 0);
}
