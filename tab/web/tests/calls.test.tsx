import { act, screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { openTab, signedIn } from "./harness";

const tile = (name: string | RegExp) => screen.findByRole("listitem", { name });
const tiles = () => within(screen.getByRole("region", { name: "Live on your phone" })).queryAllByRole("listitem");
const numberField = () => screen.findByRole<HTMLInputElement>("combobox", { name: "Call a number or a person" });
const call = (person: { click: (element: Element) => Promise<void> }) =>
  person.click(screen.getByRole("button", { name: "Call with STARFACE" }));

describe("calling", () => {
  it("places a call by Enter, shows it at once, and empties the field", async () => {
    const { person, backend } = await openTab(signedIn());
    await person.type(await numberField(), "030 1234567{Enter}");
    expect((await tile("030 1234567")).textContent).toContain("Calling");
    await expect.poll(() => tiles()[0]?.getAttribute("data-state")).toBe("dialing");
    expect((await numberField()).value).toBe("");
    expect(backend.seen.find(({ path }) => path === "/calls")?.body).toEqual({ number: "030 1234567" });
  });

  it("lets another phone ring and can make it the main one", async () => {
    const { person, backend } = await openTab(signedIn());
    await person.selectOptions(await screen.findByLabelText("Rings on"), "Cordless");
    await person.type(await numberField(), "1{Enter}");
    await expect
      .poll(() => backend.seen.find(({ path }) => path === "/calls")?.body)
      .toEqual({ number: "1", phoneId: "SIP/cell" });
    await person.click(screen.getByRole("button", { name: "Always use this phone" }));
    await expect.poll(() => backend.phones.find(({ primary }) => primary)?.id).toBe("SIP/cell");
  });

  it("puts the number back and says why when it was refused", async () => {
    const backend = signedIn();
    backend.refusals.set("POST /calls", { status: 409, code: "busy" });
    const { person } = await openTab(backend);
    await person.type(await numberField(), "030 1{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("The call was not placed.");
    expect((await numberField()).value).toBe("030 1");
    expect(tiles()).toEqual([]);
  });

  it("cleans what is pasted, empties by Escape, brings the last number back by the up key", async () => {
    const { person } = await openTab(signedIn());
    const field = await numberField();
    await person.click(field);
    await person.paste("tel:+49-30-99\n");
    expect(field.value).toBe("+49-30-99");
    await person.keyboard("{Enter}{ArrowUp}");
    expect(field.value).toBe("+49-30-99");
    await person.keyboard("{Escape}");
    expect(field.value).toBe("");
  });

  it("has keys to point at", async () => {
    const { person } = await openTab(signedIn());
    await numberField();
    await person.click(screen.getByRole("button", { name: "Keypad" }));
    for (const key of ["+", "4", "9"]) await person.click(screen.getByRole("button", { name: key }));
    await person.click(screen.getByRole("button", { name: "Delete last digit" }));
    expect((await numberField()).value).toBe("+4");
  });

  it("offers a Teams call for numbers that name their country, where the client can", async () => {
    const { person, host } = await openTab(signedIn());
    await person.type(await numberField(), "030 1234567");
    expect(screen.queryByRole("button", { name: "Call with Teams instead" })).toBeNull();
    await person.clear(await numberField());
    await person.type(await numberField(), "0049 30 1234567");
    await person.click(screen.getByRole("button", { name: "Call with Teams instead" }));
    expect(host.called).toEqual(["+49301234567"]);
  });

  it("asks for a number before it calls", async () => {
    const { person, backend } = await openTab(signedIn());
    await numberField();
    await call(person);
    expect(screen.getByText("Enter a number first.")).toBeTruthy();
    expect(backend.calls).toEqual([]);
  });
});

describe("live calls", () => {
  it("shows exactly the buttons of the actions, and names as text", async () => {
    const backend = signedIn();
    backend.tell("a", "connected", {
      remote: { number: "+49 30 1", name: "<img src=x onerror=alert(1)>" },
      group: "Sales",
    });
    backend.tell("b", "ringing");
    await openTab(backend);
    const first = within(await tile("<img src=x onerror=alert(1)>"));
    expect(first.getAllByRole("button").map(({ textContent }) => textContent)).toEqual(["Hang up", "Hold", "Forward"]);
    expect(first.getByText("+49 30 1 · via Sales")).toBeTruthy();
    expect(document.querySelector("img")).toBeNull();
    const second = within(await tile("+49 30 1234567"));
    expect(second.getAllByRole("button").map(({ textContent }) => textContent)).toEqual(["Decline", "Forward"]);
  });

  it("keeps the first call where it is when a second one comes", async () => {
    const backend = signedIn();
    backend.tell("a", "connected", { remote: { number: "1", name: "Anna" } });
    await openTab(backend);
    await tile("Anna");
    act(() => void backend.tell("b", "ringing", { remote: { number: "2", name: "Bert" } }));
    await tile("Bert");
    expect(tiles().map((item) => item.getAttribute("aria-label"))).toEqual(["Anna", "Bert"]);
  });

  it("speaks what changes", async () => {
    const backend = signedIn();
    await openTab(backend);
    await numberField();
    await expect.poll(() => backend.openStreams).toBe(1);
    act(() => void backend.tell("a", "ringing", { remote: { number: "1", name: "" } }));
    await expect.poll(() => screen.getByTestId("announcer").textContent).toBe("Incoming: 1");
    act(() => void backend.tell("a", "ringing", { remote: { number: "1", name: "Zoë" } }));
    await expect.poll(() => screen.getByTestId("announcer").textContent).toBe("Incoming: Zoë");
  });

  it("says at the call why something did not happen, and offers it again", async () => {
    const backend = signedIn();
    backend.tell("a", "connected", { remote: { number: "1", name: "Anna" } });
    backend.refusals.set("POST /calls/a/hold", { status: 502, code: "pbx_unreachable" });
    const { person } = await openTab(backend);
    const hold = () => screen.findByRole<HTMLButtonElement>("button", { name: "Hold" });
    await person.click(await hold());
    expect((await within(await tile("Anna")).findByRole("alert")).textContent).toContain("Not put on hold.");
    expect((await hold()).disabled).toBe(false);
    await person.click(await hold());
    await expect.poll(async () => (await tile("Anna")).getAttribute("data-state")).toBe("held");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("forwards to a number, by keyboard", async () => {
    const backend = signedIn();
    backend.tell("a", "connected", { remote: { number: "1", name: "Anna" } });
    const { person } = await openTab(backend);
    await person.click(await screen.findByRole("button", { name: "Forward" }));
    await screen.findByRole("combobox", { name: "Forward to" });
    await person.keyboard("0003{Enter}");
    await expect
      .poll(() => backend.seen.find(({ path }) => path === "/calls/a/forward")?.body)
      .toEqual({ target: "0003" });
  });

  it("joins two calls that both offer it, and offers nothing with one", async () => {
    const backend = signedIn();
    backend.tell("a", "held", { remote: { number: "1", name: "Anna" }, connectedAt: new Date().toISOString() });
    const { person } = await openTab(backend);
    await tile("Anna");
    expect(screen.queryByRole("button", { name: "Conference" })).toBeNull();
    act(() => void backend.tell("b", "connected", { remote: { number: "2", name: "Bert" } }));
    const bert = within(await tile("Bert"));
    await person.click(await bert.findByRole("button", { name: "Conference" }));
    await person.click(await bert.findByRole("button", { name: "Join now" }));
    await expect
      .poll(() => backend.seen.find(({ path }) => path === "/conference")?.body)
      .toEqual({ callIds: ["b", "a"] });
  });

  it("offers to call back who was not answered, and puts it away", async () => {
    const backend = signedIn();
    backend.tell("a", "ringing", { remote: { number: "0171 1", name: "Anna" } });
    const { person } = await openTab(backend);
    await tile("Anna");
    act(() => void backend.tell("a", "ended"));
    await person.click(await screen.findByRole("button", { name: "Call back" }));
    await expect.poll(() => backend.calls.map(({ remote }) => remote.number)).toEqual(["0171 1"]);
    await expect.poll(() => screen.queryByText("Not answered here")).toBeNull();
  });

  it("hangs up the only call by its shortcut, and guesses nothing among two", async () => {
    const backend = signedIn();
    backend.tell("a", "connected", { remote: { number: "1", name: "Anna" } });
    const { person } = await openTab(backend);
    await tile("Anna");
    act(() => void backend.tell("b", "held", { remote: { number: "2", name: "Bert" } }));
    await tile("Bert");
    await person.keyboard("{Alt>}[KeyX]{/Alt}");
    expect(backend.calls).toHaveLength(2);
    within(await tile("Bert"))
      .getByRole("button", { name: "Hang up" })
      .focus();
    await person.keyboard("{Alt>}[KeyX]{/Alt}");
    await expect.poll(() => backend.calls.map(({ id }) => id)).toEqual(["a"]);
    await person.keyboard("{Alt>}[KeyN]{/Alt}");
    expect(document.activeElement).toBe(await numberField());
  });

  it("never shows a call as connected while the stream is away", async () => {
    const backend = signedIn();
    backend.tell("a", "connected", { remote: { number: "1", name: "Anna" } });
    await openTab(backend);
    expect(within(await tile("Anna")).getByRole("timer")).toBeTruthy();
    act(() => backend.cutStreams());
    expect(await screen.findByText(/No connection at the moment/, {}, { timeout: 5_000 })).toBeTruthy();
    const anna = within(await tile("Anna"));
    expect(anna.getByText("Last known: Connected")).toBeTruthy();
    expect(anna.queryByRole("timer")).toBeNull();
  });
});

describe("oneself", () => {
  it("shows state, source and age, and switches do not disturb", async () => {
    const backend = signedIn();
    const { person } = await openTab(backend);
    expect(await screen.findByText("Available")).toBeTruthy();
    expect(screen.getByText("from the phone system · 2 minutes ago")).toBeTruthy();
    await person.click(screen.getByRole("switch", { name: "Do not disturb" }));
    await expect.poll(() => backend.presence.dnd).toBe(true);
    expect(screen.getByText(/Your phones do not ring/)).toBeTruthy();
  });

  it("switches back and says why when it was refused", async () => {
    const backend = signedIn();
    backend.refusals.set("PUT /presence/dnd", { status: 403, code: "pbx_permission" });
    const { person } = await openTab(backend);
    const dnd = await screen.findByRole<HTMLInputElement>("switch", { name: "Do not disturb" });
    await expect.poll(() => dnd.disabled).toBe(false);
    await person.click(dnd);
    expect((await screen.findByRole("alert")).textContent).toContain("lacks the right");
    expect(dnd.checked).toBe(false);
  });
});
