import { describe, expect, it } from "vitest";
import { Problem, problemOf, retryAfter } from "../src/api/problem";
import { placeOf } from "../src/host/places";
import { refusal } from "../src/host/refusal";
import { pause } from "../src/live/pause";
import { faultsOf, freshDraft, mappingOf, withHost } from "../src/pages/administration/pbx-draft";
import { initialsOf } from "../src/surface/Initials";
import { dialable, international, pasted } from "../src/surface/numbers";
import { de } from "../src/texts/de";
import { en } from "../src/texts/en";
import { languageFor } from "../src/texts/language";

describe("pause between attempts", () => {
  it("doubles its ceiling, with full jitter, and never passes half a minute", () => {
    const ceilings = [0, 1, 2, 3, 9, 40].map((failures) => pause(failures, 0, 0, () => 1));
    expect(ceilings).toEqual([500, 1_000, 2_000, 4_000, 30_000, 30_000]);
    expect(pause(5, 0, 0, () => 0)).toBe(0);
  });

  it("begins at the stream's own word and never undercuts Retry-After", () => {
    expect(pause(0, 3_000, 0, () => 1)).toBe(3_000);
    expect(pause(0, 0, 7_000, () => 0)).toBe(7_000);
  });
});

describe("numbers as people have them", () => {
  it.each([
    ["tel:+49-30-1234567;ext=9", "+49-30-1234567"],
    ["callto:0721151042", "0721151042"],
    ["  +49 (0) 30\n123 ", "+49 (0) 30 123"],
    ["0711 / 123-45", "0711 / 123-45"],
  ])("pastes %j as %j", (text, number) => expect(pasted(text)).toBe(number));

  it.each([
    ["+49 (0) 721 / 151042-30", "+4972115104230"],
    ["0049 30 1234567", "+49301234567"],
    ["030 1234567", null],
    ["110", null],
    ["+49", null],
  ])("reads %j as E.164 %j", (number, expected) => expect(international(number)).toBe(expected));

  it("knows what can be dialled at all", () => {
    expect(["*21#", "30", "max@example.com"].map(dialable)).toEqual([true, true, true]);
    expect(["", "   ", "Max"].map(dialable)).toEqual([false, false, false]);
  });
});

describe("what Teams answers instead of a token", () => {
  it.each([
    ["CancelledByUser", "teams_cancelled"],
    ["consent_required", "teams_consent"],
    ["invalid_grant:AADSTS65001", "teams_consent"],
    ["interaction_required", "teams_interaction"],
    ["resourceDisabled", "teams_disabled"],
    ["App resource defined in manifest and iframe origin do not match", "teams_disabled"],
    ["something new", "teams_token"],
  ])("%j is %s", (said, code) => {
    expect(refusal(new Error(said)).code).toBe(code);
    expect(refusal(said).code).toBe(code);
  });

  it("has a sentence for each", () => {
    for (const texts of [de, en]) {
      expect(Object.keys(texts.teams)).toEqual(
        expect.arrayContaining(["consent", "interaction", "disabled", "cancelled", "token"]),
      );
    }
  });
});

describe("problems", () => {
  it("reads code, id, wait and fields", () => {
    const headers = { "X-Request-Id": "abc", "Retry-After": "7" };
    const response = new Response(null, { status: 400, headers });
    const problem = problemOf(response, {
      code: "bad_request",
      detail: "d",
      errors: ["host: string_type", "a.port: x"],
    });
    expect(problem).toMatchObject({ code: "bad_request", requestId: "abc", retryAfter: 7, fields: ["host", "port"] });
  });

  it("makes do with a gateway's page", () => {
    expect(problemOf(new Response(null, { status: 502 }), "<html>").code).toBe("unavailable");
    expect(problemOf(new Response(null, { status: 418 }), null).code).toBe("unreadable");
  });

  it("reads a date to wait for", () => {
    const headers = { "Retry-After": new Date(Date.now() + 5_000).toUTCString() };
    expect(retryAfter(new Response(null, { headers }))).toBeGreaterThanOrEqual(4);
  });

  it("tells what was decided from what was not", () => {
    expect(new Problem("network", 0).undecided).toBe(true);
    expect(new Problem("teams_consent", 0).undecided).toBe(false);
    expect(new Problem("busy", 409).undecided).toBe(false);
  });
});

describe("deep links", () => {
  it.each([
    ["", "phone", "", ""],
    ["administration", "administration", "", ""],
    ["history:missed", "history", "missed", ""],
    ["call:9f-1", "phone", "9f-1", ""],
    ["dial:+49 30 1", "phone", "", "+49 30 1"],
    ["something-new", "phone", "", ""],
  ])("%j leads to %s, %j, with %j", (sub, page, item, number) => expect(placeOf(sub)).toEqual({ page, item, number }));

  it("cuts what is longer than any number or id", () => {
    expect(placeOf(`dial:${"1".repeat(500)}`).number).toHaveLength(64);
    expect(placeOf(`history:${"1".repeat(500)}`).item).toHaveLength(128);
  });
});

describe("a phone system as typed", () => {
  it("takes host and port out of a pasted address", () => {
    expect(withHost(freshDraft("DE", true), "https://pbx.example.com:8443/login")).toMatchObject({
      host: "pbx.example.com",
      port: "8443",
    });
  });

  it("finds each fault at its field", () => {
    const draft = {
      ...freshDraft("DE", true),
      host: "two words",
      port: "70000",
      tls: "pinned",
      certificateSha256: "12",
    };
    expect(faultsOf({ ...draft, tls: "pinned" })).toEqual({
      name: "missing",
      host: "badHost",
      port: "badPort",
      certificateSha256: "badFingerprint",
    });
  });

  it("sends the fingerprint bare, and only with pinning", () => {
    const pair = "AB:".repeat(31) + "AB";
    const draft = { ...freshDraft("AT", false), name: " Zentrale ", host: "h", certificateSha256: pair };
    expect(mappingOf({ ...draft, tls: "pinned" }).certificateSha256).toBe("ab".repeat(32));
    expect(mappingOf(draft)).not.toHaveProperty("certificateSha256");
    expect(mappingOf(draft)).toMatchObject({ name: "Zentrale", port: 443, country: "AT" });
  });
});

describe("languages", () => {
  it("follows Teams' locale and falls back to English", async () => {
    expect((await languageFor("de-at")).texts).toBe(de);
    expect((await languageFor("en-gb")).tag).toBe("en-GB");
    expect((await languageFor("fr-FR")).texts).toBe(en);
    expect((await languageFor("not a locale")).texts).toBe(en);
  });

  it("writes spans and ages", async () => {
    const german = await languageFor("de-DE");
    expect([7, 754, 3_723].map((seconds) => german.span(seconds))).toEqual(["0:07", "12:34", "1:02:03"]);
    expect(german.age(0, 130_000)).toBe("vor 2 Minuten");
    expect((await languageFor("en-US")).age(0, 10_000)).toBe("now");
    expect(german.age(5_000, 0)).toBe("jetzt");
  });

  it("leaves no sentence empty in either language", () => {
    const leaves = (value: unknown): unknown[] =>
      typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [value];
    for (const texts of [de, en]) expect(leaves(texts).filter((text) => text === "")).toEqual([]);
    for (const code of Object.keys(en.problems)) expect(Object.keys(de.problems)).toContain(code);
  });
});

describe("initials", () => {
  it.each([
    ["Max Müller", "MM"],
    ["Anna-Lena von der Heide", "AH"],
    ["Zentrale", "Z"],
    ["+49 30", ""],
    ["<b>x</b>", ""],
  ])("of %j are %j", (name, initials) => expect(initialsOf(name)).toBe(initials));
});
