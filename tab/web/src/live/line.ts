import { createStore, type StoreApi } from "zustand/vanilla";
import type { Api } from "../api/client";
import type { Call, Notice, Presence, Session, Snapshot } from "../api/model";
import { Problem, asProblem } from "../api/problem";
import { NOTHING_YET, apply, isLive, isMissed, type LiveEvent, type LiveState, type Wish } from "./state";
import { EventStream, type StreamEvent } from "./stream";

/** How long the stream may be away before the page says so and doubts its calls. */
const GRACE = 3_000;
/** How long an ended call stays in sight. */
const FAREWELL = 5_000;
/** How long a good piece of news stays in sight. */
const GOOD_NEWS = 6_000;
/** After this an accepted wish is no longer shown as under way: the phone system says nothing about it. */
const PATIENCE = 8_000;

export interface LineOptions {
  readonly grace?: number;
  readonly farewell?: number;
  readonly random?: () => number;
  /** Called when the service offers an interrupted action again. */
  readonly onOffer?: () => void;
}

/** One person's line to the service: the state that the stream tells, and the wishes that go the other way. */
export class Line {
  readonly store: StoreApi<LiveState> = createStore(() => NOTHING_YET);
  /** News for single pages (`colleague`, `voicemail`), as message events. */
  readonly news = new EventTarget();
  private readonly stream: EventStream;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly wake = (): void => {
    if (document.visibilityState === "visible") this.refresh();
  };

  constructor(
    readonly api: Api,
    private readonly options: LineOptions = {},
  ) {
    const { random } = options;
    this.stream = new EventStream({
      open: (signal) => api.events(signal),
      ...(random === undefined ? {} : { random }),
      listener: {
        opened: (serverTime) => this.opened(serverTime),
        event: (event) => this.heard(event),
        lost: () => this.lost(),
        refused: (problem) => this.refused(problem),
      },
    });
  }

  /**
   * Asks for the session and opens the stream; also without a sign-in, so that one made elsewhere (in the chat) is noticed.
   * Throws the `Problem` of the first question.
   */
  async start(): Promise<Session> {
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    const session = await this.api.session();
    this.adopt(session);
    return session;
  }

  stop(): void {
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    this.stream.stop();
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  /** Takes over a session that was just opened or read. */
  adopt(session: Session): void {
    this.tell({ type: "session", session });
    this.stream.start();
  }

  /** Reads the session anew: somebody may have signed in elsewhere, or the phone systems changed. */
  look(): void {
    this.api.session().then(
      (session) => this.adopt(session),
      () => undefined, // What is shown stays true enough; the next look or click will tell.
    );
  }

  /** Signs out everywhere and forgets what was shown. */
  async signOut(): Promise<void> {
    await this.api.signOut();
    const { session, link } = this.store.getState();
    if (session === null) return;
    const signedOut = { ...session, state: "signed_out", reason: "never", pbx: null, expiresAt: null } as const;
    this.store.setState({ ...NOTHING_YET, link, session: signedOut }, true);
  }

  dismiss(code: string): void {
    this.tell({ type: "dismiss", code });
  }

  putAway(callId: string): void {
    this.tell({ type: "put_away", callId });
  }

  dropWish(key: string): void {
    this.tell({ type: "wish_over", key });
  }

  /** Places a call; gives the problem if it was refused. */
  call(number: string, phoneId: string | null): Promise<Problem | null> {
    return this.want("call", null, number, () => this.api.placeCall(number, phoneId));
  }

  /** Calls the other side of an entry of the call list. */
  callBack(number: string, send: () => Promise<string>): Promise<Problem | null> {
    return this.want("call", null, number, send);
  }

  resume(number: string): Promise<Problem | null> {
    return this.want("call", null, number, () => this.api.resume());
  }

  hangUp(call: Call): Promise<Problem | null> {
    return this.want("hangup", call, "", () => this.api.hangUp(call.id));
  }

  hold(call: Call): Promise<Problem | null> {
    return this.want("hold", call, "", () => this.api.hold(call.id));
  }

  forward(call: Call, target: string): Promise<Problem | null> {
    return this.want("forward", call, target, () => this.api.forward(call.id, target));
  }

  conference(call: Call, others: readonly string[], phoneId: string | null): Promise<Problem | null> {
    return this.want("conference", call, "", () => this.api.conference([call.id, ...others], phoneId));
  }

  /** Switches do not disturb at once and takes it back when refused. */
  async setDoNotDisturb(enabled: boolean): Promise<Problem | null> {
    const before = this.store.getState().presence;
    if (before !== null) this.tell({ type: "presence", presence: { ...before, dnd: enabled } });
    try {
      this.tell({ type: "presence", presence: await this.api.setDoNotDisturb(enabled) });
      return null;
    } catch (thrown) {
      this.tell({ type: "presence", presence: before });
      return this.noticed(asProblem(thrown));
    }
  }

  /** Tells the page that the service regards this person as signed out, if that is what the problem says. */
  noticed(problem: Problem): Problem {
    if (problem.code === "signed_out") this.ended(problem.reason);
    return problem;
  }

  private async want(
    kind: Wish["kind"],
    call: Call | null,
    number: string,
    send: () => Promise<unknown>,
  ): Promise<Problem | null> {
    const key = crypto.randomUUID();
    const wish: Wish = {
      key,
      kind,
      callId: call?.id ?? "",
      number,
      version: call?.version ?? 0,
      at: Date.now(),
      problem: null,
    };
    this.tell({ type: "wish", wish });
    try {
      const answer = await send();
      this.tell({ type: "wish_accepted", key, callId: typeof answer === "string" ? answer : "" });
      this.later(key, PATIENCE, () => this.dropWish(key));
      return null;
    } catch (thrown) {
      const problem = this.noticed(asProblem(thrown));
      this.tell(kind === "call" ? { type: "wish_over", key } : { type: "wish_failed", key, problem });
      return problem;
    }
  }

  private tell(event: LiveEvent): void {
    this.store.setState((state) => apply(state, event), true);
  }

  private refresh(): void {
    this.stream.wake();
    if (!this.stream.started) this.look();
  }

  private opened(serverTime: number): void {
    if (!Number.isNaN(serverTime)) this.tell({ type: "clock", offset: serverTime - Date.now() });
  }

  private lost(): void {
    if (this.store.getState().link === "lost" || this.timers.has("grace")) return;
    this.later("grace", this.options.grace ?? GRACE, () => this.tell({ type: "link", link: "lost" }));
  }

  private refused(problem: Problem): void {
    this.found();
    this.tell({ type: "link", link: "lost" });
    if (problem.wantsSignIn) this.ended(problem.code === "pbx_credentials_rejected" ? "rejected" : problem.reason);
    else this.tell({ type: "notice", notice: { code: problem.code, text: problem.detail } });
  }

  private ended(reason: string | null): void {
    const { session } = this.store.getState();
    if (session?.state !== "signed_in") return;
    this.tell({
      type: "session",
      session: { ...session, state: "signed_out", reason: endReason(reason), expiresAt: null },
    });
  }

  private found(): void {
    clearTimeout(this.timers.get("grace"));
    this.timers.delete("grace");
  }

  /** One event of the stream. What is unknown is ignored: a newer service may say more than this page understands. */
  private heard({ type, data }: StreamEvent): void {
    switch (type) {
      case "snapshot":
        this.found();
        this.tell({ type: "snapshot", ...(data as Snapshot) });
        this.tell({ type: "link", link: "open" });
        break;
      case "call":
        this.tell({ type: "call", call: data as Call });
        break;
      case "presence":
        this.tell({ type: "presence", presence: data as Presence | null });
        break;
      case "session":
        this.tell({ type: "session", session: data as Session });
        break;
      case "notice":
        this.notified(data as Notice);
        break;
      default:
        this.news.dispatchEvent(new MessageEvent(type, { data }));
    }
    this.tidy();
  }

  private notified(notice: Notice): void {
    if (notice.code === "resume_offer") {
      this.options.onOffer?.();
      return;
    }
    this.tell({ type: "notice", notice });
    if (notice.code === "pbx_back") this.later("pbx_back", GOOD_NEWS, () => this.dismiss("pbx_back"));
  }

  /** Ended calls leave by themselves, except those that nobody here took. */
  private tidy(): void {
    for (const call of this.store.getState().calls) {
      if (isLive(call) || isMissed(call) || this.timers.has(call.id)) continue;
      this.later(call.id, this.options.farewell ?? FAREWELL, () => this.putAway(call.id));
    }
  }

  private later(name: string, milliseconds: number, act: () => void): void {
    clearTimeout(this.timers.get(name));
    const timer = setTimeout(() => {
      this.timers.delete(name);
      act();
    }, milliseconds);
    this.timers.set(name, timer);
  }
}

function endReason(reason: string | null): Session["reason"] {
  return reason === "expired" || reason === "revoked" || reason === "rejected" ? reason : "never";
}
