import type { Call, Notice, Presence, Session } from "../api/model";
import type { Problem } from "../api/problem";

/** What somebody asked of a call and what became of the wish. Shown at once, taken back with its reason when it fails. */
export interface Wish {
  readonly key: string;
  readonly kind: "call" | "hangup" | "hold" | "forward" | "conference";
  /** The call it is about; for `call` the id that the service gave, empty before. */
  readonly callId: string;
  /** Number to call or to forward to. */
  readonly number: string;
  /** Version of the call when the wish was made: a newer one answers it. */
  readonly version: number;
  readonly at: number;
  readonly problem: Problem | null;
}

/** A call as this page knows it: what the service says, and whether it was this page that declined it. */
export type LiveCall = Call & { readonly declinedHere?: boolean };

/** Everything the stream tells, and what this page has asked for meanwhile. */
export interface LiveState {
  /** `lost`: no stream for longer than the grace; what is shown of calls may be out of date. */
  readonly link: "connecting" | "open" | "lost";
  readonly session: Session | null;
  /** Oldest first; ended ones stay for a moment (or, if nobody here took them, until put away). */
  readonly calls: readonly LiveCall[];
  readonly presence: Presence | null;
  readonly notices: readonly Notice[];
  readonly wishes: readonly Wish[];
  /** Milliseconds to add to this machine's clock to get the service's. */
  readonly clockOffset: number;
}

export type LiveEvent =
  | { readonly type: "link"; readonly link: LiveState["link"] }
  | { readonly type: "clock"; readonly offset: number }
  | {
      readonly type: "snapshot";
      readonly session: Session;
      readonly calls: readonly Call[];
      readonly presence: Presence | null;
    }
  | { readonly type: "call"; readonly call: Call }
  | { readonly type: "put_away"; readonly callId: string }
  | { readonly type: "presence"; readonly presence: Presence | null }
  | { readonly type: "session"; readonly session: Session }
  | { readonly type: "notice"; readonly notice: Notice }
  | { readonly type: "dismiss"; readonly code: string }
  | { readonly type: "wish"; readonly wish: Wish }
  | { readonly type: "wish_accepted"; readonly key: string; readonly callId: string }
  | { readonly type: "wish_failed"; readonly key: string; readonly problem: Problem }
  | { readonly type: "wish_over"; readonly key: string };

export const NOTHING_YET: LiveState = {
  link: "connecting",
  session: null,
  calls: [],
  presence: null,
  notices: [],
  wishes: [],
  clockOffset: 0,
};

/** A clock difference below this is the coarseness of the `Date` header, not a difference. */
const CLOCK_TOLERANCE = 2_000;

export function isLive(call: Call): boolean {
  return call.state !== "ended";
}

/** Whether it rang here, ended, and nobody took or declined it here. (A colleague may have: the phone system does not tell.) */
export function isMissed(call: LiveCall): boolean {
  return !isLive(call) && call.declinedHere !== true && call.direction === "inbound" && !call.connectedAt;
}

/** Gives the state after `event`; the very same object when nothing changed. */
export function apply(state: LiveState, event: LiveEvent): LiveState {
  switch (event.type) {
    case "link":
      return event.link === state.link ? state : { ...state, link: event.link };
    case "clock":
      return { ...state, clockOffset: Math.abs(event.offset) < CLOCK_TOLERANCE ? 0 : event.offset };
    case "snapshot":
      return answered({
        ...state,
        session: event.session,
        notices: [],
        presence: event.presence,
        calls: renewed(state.calls, event.calls),
      });
    case "call":
      return withCall(state, event.call);
    case "put_away":
      return { ...state, calls: state.calls.filter((call) => call.id !== event.callId) };
    case "presence":
      return { ...state, presence: event.presence };
    case "session":
      return { ...state, session: event.session };
    case "notice":
      return { ...state, notices: noticesWith(state.notices, event.notice) };
    case "dismiss":
      return { ...state, notices: state.notices.filter((notice) => notice.code !== event.code) };
    default:
      return withWish(state, event);
  }
}

type WishEvent = Extract<LiveEvent, { type: "wish" | "wish_accepted" | "wish_failed" | "wish_over" }>;

function withWish(state: LiveState, event: WishEvent): LiveState {
  switch (event.type) {
    case "wish":
      return { ...state, wishes: [...state.wishes.filter((known) => !replaces(event.wish, known)), event.wish] };
    case "wish_accepted":
      return answered(changedWish(state, event.key, (wish) => ({ ...wish, callId: event.callId || wish.callId })));
    case "wish_failed":
      return changedWish(state, event.key, (wish) => ({ ...wish, problem: event.problem }));
    case "wish_over":
      return { ...state, wishes: state.wishes.filter((wish) => wish.key !== event.key) };
  }
}

/** A new wish about the same call takes the place of an older one; so its old complaint goes. */
function replaces(fresh: Wish, known: Wish): boolean {
  return fresh.callId === "" ? known.kind === "call" && known.problem !== null : fresh.callId === known.callId;
}

function changedWish(state: LiveState, key: string, change: (wish: Wish) => Wish): LiveState {
  return { ...state, wishes: state.wishes.map((wish) => (wish.key === key ? change(wish) : wish)) };
}

function withCall(state: LiveState, call: Call): LiveState {
  const known = state.calls.find(({ id }) => id === call.id);
  if (known === undefined) {
    return isLive(call) ? answered({ ...state, calls: [...state.calls, call] }) : state;
  }
  if (call.version <= known.version) return state;
  const declined = !isLive(call) && state.wishes.some(({ kind, callId }) => kind === "hangup" && callId === call.id);
  const fresh: LiveCall = declined ? { ...call, declinedHere: true } : call;
  return answered({ ...state, calls: state.calls.map((other) => (other.id === call.id ? fresh : other)) });
}

/**
 * A snapshot replaces all. Ended calls in it matter only to who saw them live; missed ones stay until put away. Nothing
 * changes its place: a button must not slip under a finger.
 */
function renewed(known: readonly LiveCall[], fresh: readonly Call[]): readonly LiveCall[] {
  const news = new Map(fresh.map((call) => [call.id, call]));
  const seen = new Set(known.map(({ id }) => id));
  const kept = known.flatMap((call) => news.get(call.id) ?? (isMissed(call) ? call : []));
  return [...kept, ...fresh.filter((call) => isLive(call) && !seen.has(call.id))];
}

/** Takes away the wishes that the calls now answer. */
function answered(state: LiveState): LiveState {
  const open = state.wishes.filter((wish) => !isAnswered(wish, state.calls));
  return open.length === state.wishes.length ? state : { ...state, wishes: open };
}

function isAnswered(wish: Wish, calls: readonly Call[]): boolean {
  if (wish.callId === "") return false;
  const call = calls.find(({ id }) => id === wish.callId);
  if (wish.kind === "call") return call !== undefined;
  if (call === undefined || !isLive(call)) return true;
  return wish.problem === null && wish.kind !== "hangup" && call.version > wish.version;
}

/** Lost and back are one matter: the later word replaces the earlier one. */
const PAIRS: Readonly<Record<string, string>> = { pbx_back: "pbx_lost", pbx_lost: "pbx_back" };

function noticesWith(known: readonly Notice[], notice: Notice): readonly Notice[] {
  return [...known.filter(({ code }) => code !== notice.code && code !== PAIRS[notice.code]), notice];
}
