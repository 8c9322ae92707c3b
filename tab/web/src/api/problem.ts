/** Codes that this page adds to those of the API: what can go wrong before an answer of the service arrives. */
export type LocalCode = "network" | "no_answer" | "unreadable";

/** A refusal as the person meets it: the API's problem (RFC 9457) or the way to the API. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    /** Stable code of the API, or a {@link LocalCode}. */
    readonly code: string,
    /** HTTP status; 0 when no answer arrived. */
    readonly status: number,
    /** The service's own sentence, in the person's language; empty when there is none. */
    readonly detail = "",
    /** Id under which the operator finds the request; empty when no answer arrived. */
    readonly requestId = "",
    /** Seconds to wait before another attempt; 0 when nothing was said. */
    readonly retryAfter = 0,
    /** Why there is no live sign-in, with the code `signed_out`. */
    readonly reason: string | null = null,
    /** Names of the fields that the API found fault with. */
    readonly fields: readonly string[] = [],
  ) {
    super(code);
  }

  /** Whether the effect of the request is unknown, so that only the same key may be sent again. */
  get undecided(): boolean {
    return this.code === "network" || this.code === "no_answer";
  }

  /** Whether the person has to sign in to the phone system before this can be done. */
  get wantsSignIn(): boolean {
    return this.code === "signed_out" || this.code === "pbx_credentials_rejected";
  }

  /** Whether Teams, not this product, holds the key: no token was given, or it was not accepted. */
  get wantsTeams(): boolean {
    return this.code.startsWith("teams_") || this.code === "unauthenticated";
  }
}

/** Makes a {@link Problem} of anything thrown. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof DOMException && thrown.name === "TimeoutError") return new Problem("no_answer", 0);
  return new Problem("network", 0);
}

/** Reads the problem out of a refused answer; tolerates gateways that answer HTML. */
export function problemOf(response: Response, body: unknown): Problem {
  const problem = isRecord(body) ? body : {};
  const known = typeof problem["code"] === "string" ? problem["code"] : codeOfStatus(response.status);
  return new Problem(
    known,
    response.status,
    text(problem["detail"]),
    response.headers.get("X-Request-Id") ?? "",
    retryAfter(response),
    typeof problem["reason"] === "string" ? problem["reason"] : null,
    fieldsOf(problem["errors"]),
  );
}

/** Seconds of `Retry-After`, whether given as a number or as a date; 0 without one. */
export function retryAfter(response: Response): number {
  const value = response.headers.get("Retry-After");
  if (value === null) return 0;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds));
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

function codeOfStatus(status: number): string {
  return status === 502 || status === 503 || status === 504 ? "unavailable" : "unreadable";
}

/** Field names of the problem's `errors` member, whose entries read `path.to.field: kind of fault`. */
function fieldsOf(errors: unknown): string[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((entry: unknown) => text(entry).split(":")[0]?.split(".").at(-1) ?? []);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
