import type { Api } from "./client";
import { at, command, done, read } from "./requests";
import type { components, paths } from "./types";

type Schemas = components["schemas"];

export type HistoryEntry = Schemas["HistoryEntryView"];
export type HistoryPage = Schemas["HistoryView"];

/** Which calls of the past are wanted. */
export type HistoryFilter = Readonly<NonNullable<paths["/api/v1/history.csv"]["get"]["parameters"]["query"]>>;

export function history({ client }: Api, filter: HistoryFilter, offset: number, limit: number): Promise<HistoryPage> {
  return read(client.GET("/api/v1/history", { params: { query: { ...filter, offset, limit } } }));
}

export function forgetEntry({ client }: Api, id: string): Promise<void> {
  return command((key) => done(client.DELETE("/api/v1/history/{id}", at(id, key))));
}

export async function callBack({ client }: Api, id: string): Promise<string> {
  return command(async (key) => (await read(client.POST("/api/v1/history/{id}/callback", at(id, key)))).id);
}

/** The calls that fit as a table for a spreadsheet. */
export function historyTable({ client }: Api, filter: HistoryFilter): Promise<Blob> {
  return read(client.GET("/api/v1/history.csv", { params: { query: filter }, parseAs: "blob" }) as never);
}
