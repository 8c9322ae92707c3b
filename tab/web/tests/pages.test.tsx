import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { rooms as german } from "../src/texts/rooms.de";
import { rooms as english } from "../src/texts/rooms.en";
import { byPerson } from "../src/pages/history/by-person";
import { filterOf, startingView } from "../src/pages/history/entries";
import { endOf } from "../src/pages/redirects/until";
import { regionOf } from "../src/surface/countries";
import { TestHost, openTab, signedIn } from "./harness";

const PAGES = [
  ["colleagues", "/colleagues"],
  ["history", "/history"],
  ["voicemail", "/voicemail"],
  ["redirects", "/redirects"],
  ["groups", "/groups"],
] as const;

describe.each(PAGES)("the page %s", (subPage, path) => {
  const open = (refusal?: { status: number; code: string; reason?: string }) => {
    const backend = signedIn();
    if (refusal !== undefined) backend.refusals.set(`GET ${path}`, refusal);
    return openTab(backend, new TestHost({ subPage }));
  };

  it("says so where the phone system has nothing of the kind", async () => {
    await open();
    expect((await screen.findAllByText("Not offered by your phone system")).length).toBeGreaterThan(0);
  });

  it("says so where the right is missing", async () => {
    await open({ status: 403, code: "pbx_permission" });
    expect(await screen.findByText("Not allowed for your account")).toBeTruthy();
  });

  it("offers to try again when the service is away, with the code", async () => {
    const { person, backend } = await open({ status: 503, code: "unavailable" });
    expect(await screen.findByText("Code: unavailable")).toBeTruthy();
    const asked = () => backend.seen.filter((request) => request.path === path).length;
    const before = asked();
    await person.click(screen.getByRole("button", { name: "Try again" }));
    await expect.poll(asked).toBe(before + 1);
  });

  it("asks for a sign-in that has ended, over the page", async () => {
    await open({ status: 401, code: "signed_out", reason: "expired" });
    expect(await screen.findByText(/too old or not used for a while/)).toBeTruthy();
  });
});

describe("the languages of the pages", () => {
  const leaves = (value: unknown, path = ""): string[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`))
      : [path];

  it("have the same sentences, none of them empty", () => {
    expect(leaves(german)).toEqual(leaves(english));
    const texts = (value: unknown): unknown[] =>
      typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [value];
    expect([...texts(german), ...texts(english)].filter((text) => text === "")).toEqual([]);
  });
});

describe("the call list", () => {
  const entry = (id: string, number: string, name: string, result: "missed" | "answered") =>
    ({ id, direction: "inbound", result, duration: 0, remote: { number, name } }) as const;

  it("puts calls of one number together and counts the missed ones", () => {
    const people = byPerson([
      entry("1", "+491", "", "missed"),
      entry("2", "+492", "Eva", "answered"),
      entry("3", "+491", "Max", "missed"),
    ]);
    expect(people.map(({ name, calls, missed }) => [name, calls, missed])).toEqual([
      ["Max", 2, 2],
      ["Eva", 1, 0],
    ]);
  });

  it("begins with what a link means, and with all for what it does not know", () => {
    expect(filterOf(startingView("missed"))).toEqual({ direction: "inbound", result: "missed" });
    expect(filterOf(startingView("something"))).toEqual({});
  });
});

describe("until when", () => {
  const now = new Date(2026, 10, 22, 15, 30);
  it.each([
    ["always", "17:00", null],
    ["hour", "17:00", new Date(2026, 10, 22, 16, 30)],
    ["tomorrow", "17:00", new Date(2026, 10, 23, 8, 0)],
    ["clock", "17:00", new Date(2026, 10, 22, 17, 0)],
    ["clock", "15:00", new Date(2026, 10, 23, 15, 0)],
    ["clock", "", null],
  ] as const)("%s %j", (span, clock, end) => expect(endOf(span, clock, now)).toEqual(end));
});

describe("countries of numbers", () => {
  it.each([
    ["+493012345", "DE"],
    ["+4234567890", "LI"],
    ["+12125550100", "US"],
    ["+8821234567", null],
  ])("%s is of %s", (number, region) => expect(regionOf(number)).toBe(region));
});
