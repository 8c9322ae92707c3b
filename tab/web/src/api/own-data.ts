import type { Api } from "./client";
import { command, done, keyed, read } from "./requests";
import type { components } from "./types";

type Schemas = components["schemas"];

export type Trace = Schemas["TraceView"];
export type Notices = Schemas["NoticeChoices"];
export type NoticeChange = Schemas["NoticeRequest"];
export type Diagnostics = Schemas["DiagnosticsView"];

/** Every entry that the service holds about the person who asks. */
export async function traces({ client }: Api): Promise<Trace[]> {
  return (await read(client.GET("/api/v1/traces"))).entries;
}

/** Removes every one of them, which also signs out everywhere. */
export function forgetTraces({ client }: Api): Promise<void> {
  return done(client.DELETE("/api/v1/traces"));
}

export function diagnostics({ client }: Api): Promise<Diagnostics> {
  return read(client.GET("/api/v1/diagnostics"));
}

/** What the bot tells in the chat of its own accord. */
export function notices({ client }: Api): Promise<Notices> {
  return read(client.GET("/api/v1/notices"));
}

export function changeNotices({ client }: Api, body: NoticeChange): Promise<Notices> {
  return command((key) => read(client.PUT("/api/v1/notices", { body, ...keyed(key) })));
}
