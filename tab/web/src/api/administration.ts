import type { Api } from "./client";
import { read } from "./requests";
import type { components } from "./types";

export type Rollout = components["schemas"]["Rollout"];

/** How many people are signed in to a phone system now; who they are is told to nobody. */
export async function usage({ client }: Api, id: string): Promise<number> {
  return (await read(client.GET("/api/v1/admin/pbxs/{id}/usage", { params: { path: { id } } }))).signedIn;
}

/** Links to hand out to the people of the organisation. */
export function rollout({ client }: Api): Promise<Rollout> {
  return read(client.GET("/api/v1/admin/rollout"));
}
