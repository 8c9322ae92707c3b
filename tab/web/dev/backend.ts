/**
 * A small stand-in for the service, on a real socket, for looking at the pages and for component tests: it keeps the
 * interface's promises (codes, versions, snapshot first) and nothing else. The real thing is one directory up.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Call, CallAction, CallState, Check, Pbx, Phone, Presence, Session } from "../src/api/model";

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly reason?: string;
  readonly retryAfter?: number;
  readonly errors?: readonly string[];
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly key: string;
  readonly token: string;
}

type Answer = readonly [status: number, body?: unknown];

const ACTIONS: Readonly<Partial<Record<CallState, CallAction[]>>> = {
  connected: ["hangup", "hold", "forward", "conference"],
  consulting: ["hangup", "hold", "forward", "conference"],
  held: ["hangup", "forward", "conference"],
  ringing: ["hangup", "forward"],
  ended: [],
};

export class Backend {
  session: Session = { state: "signed_out", reason: "never", pbx: null, expiresAt: null, pbxs: [] };
  calls: Call[] = [];
  presence: Presence = {
    telephony: "available",
    dnd: false,
    chat: "available",
    message: "",
    source: "pbx",
    since: new Date(Date.now() - 130_000).toISOString(),
  };
  phones: Phone[] = [
    { id: "SIP/desk", name: "Desk phone", primary: true },
    { id: "SIP/cell", name: "Cordless", primary: false },
  ];
  pbxs: Pbx[] = [];
  checks: Check[] = [];
  admin = false;
  interrupted: string | null = null;
  /** Refusals for the next requests, by `METHOD /path`. */
  readonly refusals = new Map<string, Refusal>();
  /** Answers for the next requests that never come: the connection is cut after the effect. */
  readonly cuts: string[] = [];
  readonly seen: Request[] = [];
  /** Whether the event stream is served. */
  streaming = true;
  private readonly streams = new Set<ServerResponse>();
  private readonly answers = new Map<string, Answer>();

  constructor(names: readonly string[] = ["Headquarters"]) {
    const pbxs = names.map((name, index) => ({ id: `pbx-${index}`, name, primary: index === 0 }));
    this.session = { ...this.session, pbxs };
  }

  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? "/", "http://service").pathname.replace("/api/v1", "");
    if (path === "/events") {
      this.stream(response);
      return;
    }
    const method = request.method ?? "GET";
    const body = JSON.parse((await text(request)) || "{}") as Record<string, unknown>;
    const key = header(request, "idempotency-key");
    this.seen.push({ method, path, body, key, token: header(request, "authorization") });
    const name = `${method} ${path}`;
    const refusal = this.refusals.get(name);
    this.refusals.delete(name);
    if (refusal !== undefined) {
      refuse(response, refusal);
      return;
    }
    const known = this.answers.get(key);
    const [status, answer] = known ?? this.answer(method, path, body);
    if (key !== "") this.answers.set(key, [status, answer]);
    const cut = this.cuts.indexOf(name);
    if (cut >= 0) {
      this.cuts.splice(cut, 1);
      request.socket.destroy();
      return;
    }
    send(response, status, answer);
  };

  /** Opens or changes a call and tells every stream. */
  tell(id: string, state: CallState, change: Partial<Call> = {}): Call {
    const known = this.calls.find((call) => call.id === id);
    const talking = state === "connected" && !known?.connectedAt;
    const call: Call = {
      id,
      direction: "inbound",
      remote: { number: "+49 30 1234567", name: "" },
      startedAt: new Date().toISOString(),
      ...known,
      ...(talking && { connectedAt: new Date().toISOString() }),
      ...change,
      state,
      actions: ACTIONS[state] ?? ["hangup"],
      version: (known?.version ?? 0) + 1,
    };
    this.calls = [...this.calls.filter((other) => other.id !== id), ...(state === "ended" ? [] : [call])];
    this.emit("call", call);
    return call;
  }

  signIn(): Session {
    const [first] = this.session.pbxs;
    const pbx = { id: first?.id ?? "pbx-0", name: first?.name ?? "Headquarters" };
    const expiresAt = new Date(Date.now() + 12 * 3_600_000).toISOString();
    this.session = { ...this.session, state: "signed_in", reason: null, pbx, expiresAt };
    return this.session;
  }

  endSession(reason: "never" | "expired" | "revoked" | "rejected"): void {
    this.session = { ...this.session, state: "signed_out", reason, pbx: null, expiresAt: null };
    this.emit("session", this.session);
  }

  emit(event: string, data: unknown): void {
    for (const stream of this.streams)
      stream.write(`id: ${randomUUID()}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Cuts every stream; new ones are refused until `streaming` is true again. */
  cutStreams(): void {
    this.streaming = false;
    for (const stream of this.streams) stream.destroy();
    this.streams.clear();
  }

  get openStreams(): number {
    return this.streams.size;
  }

  private stream(response: ServerResponse): void {
    if (!this.streaming) {
      refuse(response, { status: 503, code: "unavailable" });
      return;
    }
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    this.streams.add(response);
    response.on("close", () => this.streams.delete(response));
    const signedIn = this.session.state === "signed_in";
    response.write("retry: 100\n\n");
    this.emit("snapshot", {
      session: this.session,
      calls: signedIn ? this.calls : [],
      presence: signedIn ? this.presence : null,
    });
  }

  private answer(method: string, path: string, body: Record<string, unknown>): Answer {
    const [, room = "", id = "", act = ""] = path.split("/").map(decodeURIComponent);
    switch (`${method} ${room}`) {
      case "GET session":
        return [200, this.session];
      case "POST session":
        return [201, this.opened()];
      case "DELETE session":
        this.endSession("never");
        return [204];
      case "GET calls":
        return [200, { calls: this.calls }];
      case "POST calls":
        return id === "" ? [202, { id: this.placed(String(body["number"])) }] : this.commanded(id, act);
      case "POST conference":
        for (const call of body["callIds"] as string[]) this.tell(call, "conference");
        return [202];
      case "GET phones":
        return [200, { phones: this.phones }];
      case "PUT phones":
        this.phones = this.phones.map((phone) => ({ ...phone, primary: phone.id === body["id"] }));
        return [200, { phones: this.phones }];
      case "PUT presence":
        this.presence = { ...this.presence, dnd: body["enabled"] === true, since: new Date().toISOString() };
        return [200, this.presence];
      case "GET interrupted":
        return [200, { action: this.interrupted === null ? null : { kind: "call", number: this.interrupted } }];
      case "POST interrupted":
        return [202, { id: this.placed(this.interrupted ?? "") }];
      case "DELETE interrupted":
        this.interrupted = null;
        return [204];
      case "GET admin":
        return this.admin ? [200, { pbxs: this.pbxs }] : [403, problem({ status: 403, code: "not_admin" })];
      case "POST admin":
        return act === "" && path === "/admin/pbxs" ? [201, this.added(body)] : [200, { checks: this.checks }];
      default:
        return [404, problem({ status: 404, code: "not_found" })];
    }
  }

  private opened(): Session {
    const session = this.signIn();
    this.emit("snapshot", { session, calls: this.calls, presence: this.presence });
    return session;
  }

  private placed(number: string): string {
    const id = randomUUID();
    this.interrupted = null;
    setTimeout(() => this.tell(id, "dialing", { direction: "outbound", remote: { number, name: "" } }), 20);
    return id;
  }

  private commanded(id: string, act: string): Answer {
    const states: Readonly<Record<string, CallState>> = { hangup: "ended", hold: "held", forward: "ended" };
    if (!this.calls.some((call) => call.id === id)) return [404, problem({ status: 404, code: "not_found" })];
    this.tell(id, states[act] ?? "other");
    return [202];
  }

  private added(body: Record<string, unknown>): Pbx {
    const pbx = { ...body, id: randomUUID() } as Pbx;
    this.pbxs = [...this.pbxs, pbx];
    this.session = {
      ...this.session,
      pbxs: [...this.session.pbxs, { id: pbx.id, name: pbx.name, primary: pbx.primary }],
    };
    return pbx;
  }
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? "");
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  response.writeHead(status, { "Content-Type": type, "X-Request-Id": randomUUID().slice(0, 12) });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  if (refusal.retryAfter !== undefined) response.setHeader("Retry-After", String(refusal.retryAfter));
  send(response, refusal.status, problem(refusal));
}

function problem({ status, code, reason, errors }: Refusal): unknown {
  return { type: "about:blank", title: code, status, code, detail: `The stand-in says ${code}.`, reason, errors };
}
