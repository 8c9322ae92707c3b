import createClient, { type Client } from "openapi-fetch";
import type { Check, Interrupted, Pbx, PbxMapping, Phone, Presence, Session } from "./model";
import { problemOf } from "./problem";
import { at, command, done, keyed, newKey, read } from "./requests";
import type { paths } from "./types";

/** The service gives up on a phone system after ten seconds; an answer later than this is lost on the way. */
const DEADLINE = 15_000;

/** Readiness checks try several ways to the phone system, one after the other. */
const CHECK_DEADLINE = 60_000;

export interface ApiOptions {
  /** Origin of the service, without a path. */
  readonly origin: string;
  /** A Teams token, asked for with each request: Teams caches it, this page never keeps it. */
  readonly token: () => Promise<string>;
  /** The person's language, for the service's sentences. */
  readonly language: () => string;
}

/** The API of the service as typed calls. Each one gives its answer or throws a {@link Problem}. */
export class Api {
  /** The typed requests; what a page needs beyond the calls below it asks for by itself (`lists.ts`). */
  readonly client: Client<paths>;

  constructor(private readonly options: ApiOptions) {
    this.client = createClient<paths>({ baseUrl: options.origin, fetch: (request) => this.send(request) });
  }

  session(): Promise<Session> {
    return read(this.client.GET("/api/v1/session"));
  }

  signIn(pbxId: string, login: string, password: string): Promise<Session> {
    return read(this.client.POST("/api/v1/session", { body: { pbxId, login, password }, ...keyed(newKey()) }));
  }

  signOut(): Promise<void> {
    return done(this.client.DELETE("/api/v1/session"));
  }

  placeCall(number: string, phoneId: string | null): Promise<string> {
    const body = phoneId === null ? { number } : { number, phoneId };
    return command(async (key) => (await read(this.client.POST("/api/v1/calls", { body, ...keyed(key) }))).id);
  }

  hangUp(id: string): Promise<void> {
    return command((key) => done(this.client.POST("/api/v1/calls/{id}/hangup", at(id, key))));
  }

  hold(id: string): Promise<void> {
    return command((key) => done(this.client.POST("/api/v1/calls/{id}/hold", at(id, key))));
  }

  forward(id: string, target: string): Promise<void> {
    return command((key) => done(this.client.POST("/api/v1/calls/{id}/forward", { ...at(id, key), body: { target } })));
  }

  conference(callIds: string[], phoneId: string | null): Promise<void> {
    const body = phoneId === null ? { callIds } : { callIds, phoneId };
    return command((key) => done(this.client.POST("/api/v1/conference", { body, ...keyed(key) })));
  }

  async phones(): Promise<Phone[]> {
    return (await read(this.client.GET("/api/v1/phones"))).phones;
  }

  choosePhone(id: string): Promise<void> {
    return command((key) => done(this.client.PUT("/api/v1/phones/primary", { body: { id }, ...keyed(key) })));
  }

  setDoNotDisturb(enabled: boolean): Promise<Presence> {
    return command((key) => read(this.client.PUT("/api/v1/presence/dnd", { body: { enabled }, ...keyed(key) })));
  }

  async interrupted(): Promise<Interrupted | null> {
    return (await read(this.client.GET("/api/v1/interrupted"))).action;
  }

  resume(): Promise<string> {
    return command(async (key) => (await read(this.client.POST("/api/v1/interrupted/resume", keyed(key)))).id);
  }

  forgetInterrupted(): Promise<void> {
    return command((key) => done(this.client.DELETE("/api/v1/interrupted", keyed(key))));
  }

  async pbxs(): Promise<Pbx[]> {
    return (await read(this.client.GET("/api/v1/admin/pbxs"))).pbxs;
  }

  addPbx(mapping: PbxMapping): Promise<Pbx> {
    return command((key) => read(this.client.POST("/api/v1/admin/pbxs", { body: mapping, ...keyed(key) })));
  }

  changePbx(id: string, change: PbxMapping): Promise<Pbx> {
    return command((key) => read(this.client.PATCH("/api/v1/admin/pbxs/{id}", { ...at(id, key), body: change })));
  }

  removePbx(id: string): Promise<void> {
    return command((key) => done(this.client.DELETE("/api/v1/admin/pbxs/{id}", at(id, key))));
  }

  async checkPbx(id: string): Promise<Check[]> {
    return (await read(this.client.POST("/api/v1/admin/pbxs/{id}/check", at(id, newKey())))).checks;
  }

  /** Opens the event stream. The answer is returned as it is: its body never ends by itself. */
  async events(signal: AbortSignal): Promise<Response> {
    const headers = { ...(await this.headers()), Accept: "text/event-stream" };
    const response = await fetch(`${this.options.origin}/api/v1/events`, { headers, signal, cache: "no-store" });
    if (response.ok && response.body !== null) return response;
    throw problemOf(response, await response.json().catch(() => null));
  }

  private async send(request: Request): Promise<Response> {
    for (const [name, value] of Object.entries(await this.headers())) request.headers.set(name, value);
    const deadline = AbortSignal.timeout(request.url.endsWith("/check") ? CHECK_DEADLINE : DEADLINE);
    return fetch(request, { cache: "no-store", signal: deadline });
  }

  private async headers(): Promise<Record<string, string>> {
    return { Authorization: `Bearer ${await this.options.token()}`, "Accept-Language": this.options.language() };
  }
}
