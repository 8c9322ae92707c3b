import { describe, expect, it } from "vitest";
import { Backend } from "../dev/backend";
import { Api } from "../src/api/client";
import { Problem } from "../src/api/problem";
import { serve, signedIn } from "./harness";

async function apiOf(backend: Backend, token = () => Promise.resolve("t0ken")) {
  return new Api({ origin: await serve(backend), token, language: () => "de-DE" });
}

async function problemIn(answer: Promise<unknown>): Promise<Problem> {
  return answer.then(
    () => expect.fail("It was not refused"),
    (thrown: unknown) => thrown as Problem,
  );
}

describe("the API client", () => {
  it("sends the token as a bearer, never in the address", async () => {
    const backend = signedIn();
    await (await apiOf(backend)).phones();
    expect(backend.seen[0]).toMatchObject({ token: "Bearer t0ken", path: "/phones" });
  });

  it("asks for a token with each request and keeps none", async () => {
    let asked = 0;
    const backend = signedIn();
    const api = await apiOf(backend, () => Promise.resolve(`token-${++asked}`));
    await api.phones();
    await api.session();
    expect(backend.seen.map(({ token }) => token)).toEqual(["Bearer token-1", "Bearer token-2"]);
  });

  it("sends a command again under the same key when its answer is lost, so that it happens once", async () => {
    const backend = signedIn();
    backend.cuts.push("POST /calls", "POST /calls");
    await (await apiOf(backend)).placeCall("030 1", null);
    const keys = backend.seen.map(({ key }) => key);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    await expect.poll(() => backend.calls.length).toBe(1);
  });

  it("gives each command its own key", async () => {
    const backend = signedIn();
    const api = await apiOf(backend);
    await api.placeCall("1", null);
    await api.placeCall("1", null);
    expect(new Set(backend.seen.map(({ key }) => key)).size).toBe(2);
  });

  it("does not repeat what was refused", async () => {
    const backend = signedIn();
    backend.refusals.set("POST /calls", { status: 409, code: "busy" });
    const problem = await problemIn((await apiOf(backend)).placeCall("1", null));
    expect(problem).toMatchObject({ code: "busy", status: 409 });
    expect(problem.requestId).not.toBe("");
    expect(backend.seen).toHaveLength(1);
  });

  it("passes on why there is no token, without sending anything", async () => {
    const backend = signedIn();
    const api = await apiOf(backend, () => Promise.reject(new Problem("teams_consent", 0)));
    expect((await problemIn(api.placeCall("1", null))).code).toBe("teams_consent");
    expect(backend.seen).toEqual([]);
  });

  it("says so when nothing answers", async () => {
    const api = new Api({ origin: "http://127.0.0.1:9", token: () => Promise.resolve("t"), language: () => "en" });
    expect((await problemIn(api.session())).code).toBe("network");
  });
});
