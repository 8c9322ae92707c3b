import type { Api } from "./client";
import type { components } from "./types";
import { read } from "./requests";

type Schemas = components["schemas"];

export type Colleague = Schemas["ColleagueView"];
export type Hit = Schemas["Hit"];

/** Everybody one has a busy lamp field for. */
export async function colleagues({ client }: Api): Promise<Colleague[]> {
  return (await read(client.GET("/api/v1/colleagues"))).colleagues;
}

/** Colleagues, address book and recent calls, searched as one; without terms those spoken with last. */
export async function people({ client }: Api, terms: string, limit: number, signal?: AbortSignal): Promise<Hit[]> {
  const query = { q: terms, limit };
  return (await read(client.GET("/api/v1/search", { params: { query }, ...(signal && { signal }) }))).results;
}
