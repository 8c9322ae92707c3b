import { afterEach, describe, expect, it } from "vitest";
import { Backend } from "../dev/backend";
import { Api } from "../src/api/client";
import { Problem } from "../src/api/problem";
import { Line, type LineOptions } from "../src/live/line";
import { EventStream, type StreamEvent } from "../src/live/stream";
import { serve, signedIn } from "./harness";

const lines: Line[] = [];
afterEach(() => {
  for (const line of lines.splice(0)) line.stop();
});

async function lineTo(backend: Backend, options: LineOptions = {}) {
  const api = new Api({ origin: await serve(backend), token: () => Promise.resolve("t"), language: () => "en" });
  const line = new Line(api, { random: () => 0, ...options });
  lines.push(line);
  await line.start();
  await expect.poll(() => line.store.getState().link).toBe("open");
  return { line, state: () => line.store.getState() };
}

/** A stream whose connections are given one after the other as pieces of text. */
function scripted(connections: string[][]) {
  const events: StreamEvent[] = [];
  const refusals: Problem[] = [];
  let lost = 0;
  let opened = 0;
  const stream = new EventStream({
    open: () => {
      opened += 1;
      const pieces = connections.shift();
      if (pieces === undefined) return Promise.reject(new Problem("tenant_unknown", 403));
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
          controller.close();
        },
      });
      return Promise.resolve(new Response(body, { headers: { Date: "Thu, 01 Jan 2026 00:00:00 GMT" } }));
    },
    listener: {
      opened: () => undefined,
      event: (event) => events.push(event),
      lost: () => (lost += 1),
      refused: (problem) => refusals.push(problem),
    },
    random: () => 0,
  });
  return { stream, events, refusals, lost: () => lost, opened: () => opened };
}

describe("the event stream", () => {
  it("puts together what arrives in pieces, passes over comments and broken data, and comes again after an end", async () => {
    const script = scripted([
      [
        ": hello\n\nid: 1\nevent: snap",
        'shot\ndata: {"a":\ndata: 1}\n\n',
        "event: call\ndata: {broken\n\n",
        ": alive\n\n",
      ],
      ['event: call\r\ndata: {"b":2}\r\n\r\n'],
    ]);
    script.stream.start();
    await expect.poll(() => script.refusals.length).toBe(1);
    expect(script.events).toEqual([
      { type: "snapshot", data: { a: 1 } },
      { type: "call", data: { b: 2 } },
    ]);
    expect([script.lost(), script.opened()]).toEqual([2, 3]);
    expect(script.refusals[0]?.code).toBe("tenant_unknown");
    expect(script.stream.started).toBe(false);
  });

  it("cuts a letter of two bytes nowhere", async () => {
    const bytes = new TextEncoder().encode('event: call\ndata: {"name":"Müller"}\n\n');
    const events: StreamEvent[] = [];
    const stream = new EventStream({
      open: () =>
        Promise.resolve(
          new Response(
            new ReadableStream<Uint8Array>({
              start(controller) {
                for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
              },
            }),
          ),
        ),
      listener: {
        opened: () => undefined,
        event: (event) => events.push(event),
        lost: () => undefined,
        refused: () => undefined,
      },
    });
    stream.start();
    await expect.poll(() => events).toEqual([{ type: "call", data: { name: "Müller" } }]);
    stream.stop();
  });

  it("gives up a connection that has fallen silent", async () => {
    let opened = 0;
    const stream = new EventStream({
      open: (signal) => {
        opened += 1;
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            signal.addEventListener("abort", () => controller.error(new DOMException("", "AbortError")));
          },
        });
        return Promise.resolve(new Response(body));
      },
      listener: { opened: () => undefined, event: () => undefined, lost: () => undefined, refused: () => undefined },
      silence: 40,
      random: () => 0,
    });
    stream.start();
    await expect.poll(() => opened).toBeGreaterThan(1);
    stream.stop();
  });
});

describe("the line", () => {
  it("shows calls as the stream tells them", async () => {
    const backend = signedIn();
    backend.tell("a", "connected");
    const { state } = await lineTo(backend);
    expect(state().calls.map(({ id }) => id)).toEqual(["a"]);
    backend.tell("a", "held");
    await expect.poll(() => state().calls[0]?.state).toBe("held");
  });

  it("says after the grace that it is lost, comes back by itself, and believes the fresh snapshot alone", async () => {
    const backend = signedIn();
    backend.tell("a", "connected");
    backend.tell("b", "connected");
    const { state } = await lineTo(backend, { grace: 60 });
    backend.cutStreams();
    await expect.poll(() => state().link).toBe("lost");
    backend.calls = backend.calls.filter(({ id }) => id !== "a");
    backend.streaming = true;
    await expect.poll(() => state().link, { timeout: 5_000 }).toBe("open");
    expect(state().calls.map(({ id }) => id)).toEqual(["b"]);
  });

  it("does not mention a gap shorter than the grace", async () => {
    const backend = signedIn();
    const { line, state } = await lineTo(backend, { grace: 2_000 });
    const seen = new Set<string>();
    line.store.subscribe(({ link }) => seen.add(link));
    backend.cutStreams();
    backend.streaming = true;
    await expect.poll(() => backend.openStreams).toBe(1);
    backend.tell("x", "ringing");
    await expect.poll(() => state().calls.length).toBe(1);
    expect([...seen]).not.toContain("lost");
  });

  it("tells of the end of a sign-in and of its return without being asked", async () => {
    const backend = signedIn();
    const { state } = await lineTo(backend);
    backend.endSession("expired");
    await expect.poll(() => state().session?.reason).toBe("expired");
    backend.emit("session", backend.signIn());
    await expect.poll(() => state().session?.state).toBe("signed_in");
  });

  it("takes an optimistic switch back when it is refused", async () => {
    const backend = signedIn();
    const { line, state } = await lineTo(backend);
    backend.refusals.set("PUT /presence/dnd", { status: 403, code: "pbx_permission" });
    const asked = line.setDoNotDisturb(true);
    expect(state().presence?.dnd).toBe(true);
    expect((await asked)?.code).toBe("pbx_permission");
    expect(state().presence?.dnd).toBe(false);
  });

  it("forgets what it showed when somebody signs out", async () => {
    const backend = signedIn();
    backend.tell("a", "connected");
    const { line, state } = await lineTo(backend);
    await line.signOut();
    expect(state()).toMatchObject({ calls: [], presence: null, session: { state: "signed_out", reason: "never" } });
  });

  it("calls back when the service offers an interrupted action, and shows no notice for it", async () => {
    const backend = signedIn();
    let offers = 0;
    const { state } = await lineTo(backend, { onOffer: () => (offers += 1) });
    backend.emit("notice", { code: "resume_offer", text: "" });
    await expect.poll(() => offers).toBe(1);
    expect(state().notices).toEqual([]);
  });
});
