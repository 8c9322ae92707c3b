import type { Api } from "./client";
import { at, command, done, keyed, read } from "./requests";
import type { components } from "./types";

type Schemas = components["schemas"];

export type Redirects = Schemas["RedirectList"];
export type Redirect = Schemas["RedirectView"];
export type InForce = Schemas["InForce"];
export type RedirectChange = Schemas["RedirectRequest"];
export type Group = Schemas["GroupView"];
export type FunctionKey = Schemas["KeyView"];

export function redirects({ client }: Api): Promise<Redirects> {
  return read(client.GET("/api/v1/redirects"));
}

export function changeRedirect({ client }: Api, id: string, body: RedirectChange): Promise<Redirects> {
  return command((key) => read(client.PUT("/api/v1/redirects/{id}", { ...at(id, key), body })));
}

export async function groups({ client }: Api): Promise<Group[]> {
  return (await read(client.GET("/api/v1/groups"))).groups;
}

export function setGroup({ client }: Api, id: string, active: boolean): Promise<Group[]> {
  return command(async (key) => {
    const answer = await read(client.PUT("/api/v1/groups", { body: { id, active }, ...keyed(key) }));
    return answer.groups;
  });
}

export async function functionKeys({ client }: Api): Promise<FunctionKey[]> {
  return (await read(client.GET("/api/v1/keys"))).keys;
}

export function pressKey({ client }: Api, id: string): Promise<void> {
  return command((key) => done(client.POST("/api/v1/keys/{id}/press", at(id, key))));
}
