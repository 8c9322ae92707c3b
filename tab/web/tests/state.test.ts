import { describe, expect, it } from "vitest";
import type { Call, Session } from "../src/api/model";
import { Problem } from "../src/api/problem";
import { NOTHING_YET, apply, isMissed, type LiveState, type Wish } from "../src/live/state";

const SESSION: Session = { state: "signed_in", reason: null, pbx: { id: "p", name: "P" }, expiresAt: null, pbxs: [] };

function call(id: string, version: number, change: Partial<Call> = {}): Call {
  return {
    ...{ id, version, state: "connected", direction: "inbound", remote: { number: "1", name: "" } },
    ...{ startedAt: "2026-01-01T10:00:00Z", connectedAt: "2026-01-01T10:00:05Z", actions: ["hangup"] },
    ...change,
  };
}

function snapshot(calls: Call[]): LiveState {
  return apply(NOTHING_YET, { type: "snapshot", session: SESSION, calls, presence: null });
}

function wish(change: Partial<Wish>): Wish {
  return { key: "k", kind: "hold", callId: "a", number: "", version: 3, at: 0, problem: null, ...change };
}

const states = (state: LiveState) => state.calls.map(({ id, state: word }) => `${id}:${word}`);

describe("calls", () => {
  it("takes a newer version and leaves an older or equal one alone", () => {
    const before = snapshot([call("a", 3)]);
    expect(states(apply(before, { type: "call", call: call("a", 4, { state: "held" }) }))).toEqual(["a:held"]);
    for (const version of [3, 2]) {
      expect(apply(before, { type: "call", call: call("a", version, { state: "held" }) })).toBe(before);
    }
  });

  it("ignores the end of a call it never saw", () => {
    const before = snapshot([]);
    expect(apply(before, { type: "call", call: call("x", 9, { state: "ended", actions: [] }) })).toBe(before);
  });

  it("replaces everything by a snapshot, drops what it does not hold, and moves nothing", () => {
    const before = snapshot([call("a", 1), call("b", 1), call("c", 1)]);
    const after = apply(before, {
      type: "snapshot",
      session: SESSION,
      calls: [call("d", 1), call("c", 2, { state: "held" }), call("a", 1)],
      presence: null,
    });
    expect(states(after)).toEqual(["a:connected", "c:held", "d:connected"]);
  });

  it("keeps a call that nobody here took over a snapshot, until it is put away", () => {
    const ringing = snapshot([call("a", 1, { state: "ringing", connectedAt: null })]);
    const missed = apply(ringing, {
      type: "call",
      call: call("a", 2, { state: "ended", connectedAt: null, actions: [] }),
    });
    expect(missed.calls.filter(isMissed)).toHaveLength(1);
    const later = apply(missed, { type: "snapshot", session: SESSION, calls: [], presence: null });
    expect(states(later)).toEqual(["a:ended"]);
    expect(apply(later, { type: "put_away", callId: "a" }).calls).toEqual([]);
  });
});

describe("wishes", () => {
  it("are answered by a newer version of their call", () => {
    const asked = apply(snapshot([call("a", 3)]), { type: "wish", wish: wish({}) });
    expect(asked.wishes).toHaveLength(1);
    expect(apply(asked, { type: "call", call: call("a", 4, { state: "held" }) }).wishes).toEqual([]);
  });

  it("to hang up are answered only by the end", () => {
    const asked = apply(snapshot([call("a", 3)]), { type: "wish", wish: wish({ kind: "hangup" }) });
    expect(apply(asked, { type: "call", call: call("a", 4) }).wishes).toHaveLength(1);
    expect(apply(asked, { type: "call", call: call("a", 4, { state: "ended" }) }).wishes).toEqual([]);
  });

  it("that failed keep their reason until the next wish about the call, or its end", () => {
    const asked = apply(snapshot([call("a", 3)]), { type: "wish", wish: wish({}) });
    const failed = apply(asked, { type: "wish_failed", key: "k", problem: new Problem("busy", 409) });
    expect(apply(failed, { type: "call", call: call("a", 4) }).wishes[0]?.problem?.code).toBe("busy");
    const again = apply(failed, { type: "wish", wish: wish({ key: "k2" }) });
    expect(again.wishes.map(({ key, problem }) => [key, problem])).toEqual([["k2", null]]);
    expect(apply(failed, { type: "call", call: call("a", 4, { state: "ended" }) }).wishes).toEqual([]);
  });

  it("to call end with the event of their call, whether it comes before or after the answer", () => {
    const asked = apply(snapshot([]), { type: "wish", wish: wish({ kind: "call", callId: "" }) });
    const eventFirst = apply(asked, { type: "call", call: call("n", 1, { state: "dialing" }) });
    expect(eventFirst.wishes).toHaveLength(1);
    expect(apply(eventFirst, { type: "wish_accepted", key: "k", callId: "n" }).wishes).toEqual([]);
    const answerFirst = apply(asked, { type: "wish_accepted", key: "k", callId: "n" });
    expect(answerFirst.wishes).toHaveLength(1);
    expect(apply(answerFirst, { type: "call", call: call("n", 1, { state: "dialing" }) }).wishes).toEqual([]);
  });
});

describe("notices and clock", () => {
  it("replaces lost by back", () => {
    const lost = apply(NOTHING_YET, { type: "notice", notice: { code: "pbx_lost", text: "" } });
    const back = apply(lost, { type: "notice", notice: { code: "pbx_back", text: "" } });
    expect(back.notices.map(({ code }) => code)).toEqual(["pbx_back"]);
  });

  it("takes small differences of the clocks for what they are", () => {
    expect(apply(NOTHING_YET, { type: "clock", offset: 900 }).clockOffset).toBe(0);
    expect(apply(NOTHING_YET, { type: "clock", offset: -90_000 }).clockOffset).toBe(-90_000);
  });
});

describe("a call declined here", () => {
  it("is not called missed", () => {
    const ringing = snapshot([call("a", 1, { state: "ringing", connectedAt: null })]);
    const asked = apply(ringing, { type: "wish", wish: wish({ kind: "hangup", version: 1 }) });
    const over = apply(asked, { type: "call", call: call("a", 2, { state: "ended", connectedAt: null, actions: [] }) });
    expect(states(over)).toEqual(["a:ended"]);
    expect(over.calls.some(isMissed)).toBe(false);
  });
});
