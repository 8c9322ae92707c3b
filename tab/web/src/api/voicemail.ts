import type { Api } from "./client";
import { at, command, done, read } from "./requests";
import type { components } from "./types";

type Schemas = components["schemas"];

export type VoicemailPage = Schemas["VoicemailList"];
export type Voicemail = Schemas["VoicemailView"];
export type Folder = Schemas["MoveRequest"]["folder"];

export function voicemails(
  { client }: Api,
  mailbox: string,
  folder: Folder | "",
  offset: number,
  limit: number,
): Promise<VoicemailPage> {
  return read(client.GET("/api/v1/voicemail", { params: { query: { mailbox, folder, offset, limit } } }));
}

/** What was recorded, as a whole: a player cannot send the token that the service wants. */
export function recording({ client }: Api, id: string): Promise<Blob> {
  const asked = client.GET("/api/v1/voicemail/{id}/audio", { params: { path: { id } }, parseAs: "blob" });
  return read(asked as never);
}

export function moveVoicemail({ client }: Api, id: string, folder: Folder): Promise<void> {
  return command((key) => done(client.PATCH("/api/v1/voicemail/{id}", { ...at(id, key), body: { folder } })));
}

export function deleteVoicemail({ client }: Api, id: string): Promise<void> {
  return command((key) => done(client.DELETE("/api/v1/voicemail/{id}", at(id, key))));
}
