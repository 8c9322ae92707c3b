import { act, screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Backend } from "../dev/backend";
import { Problem } from "../src/api/problem";
import { TestHost, openTab, signedIn } from "./harness";

const tile = (name: string | RegExp) => screen.findByRole("listitem", { name });
const numberField = () => screen.findByRole<HTMLInputElement>("combobox", { name: "Call a number or a person" });

describe("coming in", () => {
  it("says so when there is no Teams around it", async () => {
    await openTab(signedIn(), new TestHost({}, false));
    expect(await screen.findByText("This page belongs into Microsoft Teams")).toBeTruthy();
  });

  it("asks for consent by a click of the person, and goes on afterwards", async () => {
    const host = new TestHost();
    host.tokens = () => Promise.reject(new Problem("teams_consent", 0));
    const { person } = await openTab(signedIn(), host);
    const button = await screen.findByRole("button", { name: "Continue" });
    expect(host.consents).toBe(0);
    host.tokens = null;
    await person.click(button);
    expect(host.consents).toBe(1);
    await numberField();
  });

  it("tells Teams that it is ready, takes its language and its theme", async () => {
    const host = new TestHost({ locale: "de-de", theme: "dark" });
    await openTab(signedIn(), host);
    expect(await screen.findByRole("button", { name: "Mit STARFACE anrufen" })).toBeTruthy();
    expect(host.isReady).toBe(true);
    expect(document.documentElement.lang).toBe("de-DE");
    expect(document.querySelector("[data-theme]")?.getAttribute("data-theme")).toBe("dark");
    act(() => host.changeTheme("contrast"));
    await expect.poll(() => document.querySelector("[data-theme]")?.getAttribute("data-theme")).toBe("contrast");
  });

  it("puts a deep link's number into the field and does not dial it", async () => {
    const { backend } = await openTab(signedIn(), new TestHost({ subPage: "dial:+49 30 77" }));
    expect((await numberField()).value).toBe("+49 30 77");
    expect(backend.seen.some(({ method }) => method === "POST")).toBe(false);
  });

  it("tells colleagues of an unknown organisation whom to ask", async () => {
    const backend = new Backend();
    backend.refusals.set("GET /session", { status: 403, code: "tenant_unknown" });
    await openTab(backend);
    expect(await screen.findByText("No phone system yet")).toBeTruthy();
    expect(screen.getByText(/Please open the STARFACE app/)).toBeTruthy();
  });
});

describe("signing in", () => {
  const fields = async () => ({
    login: await screen.findByRole<HTMLInputElement>("textbox", { name: "Login" }),
    password: screen.getByLabelText<HTMLInputElement>("Password"),
  });

  it("hides the choice of the only phone system and shows it for several, the main one chosen", async () => {
    await openTab(new Backend());
    await fields();
    expect(screen.queryByLabelText("Phone system")).toBeNull();
  });

  it("sends the chosen phone system", async () => {
    const { person, backend } = await openTab(new Backend(["Berlin", "Wien"]));
    const { login, password } = await fields();
    expect(screen.getByLabelText<HTMLSelectElement>("Phone system").value).toBe("pbx-0");
    await person.selectOptions(screen.getByLabelText("Phone system"), "Wien");
    await person.type(login, " 0001 ");
    await person.type(password, "s3cret{Enter}");
    await numberField();
    const sent = backend.seen.find(({ method, path }) => method === "POST" && path === "/session");
    expect(sent?.body).toEqual({ pbxId: "pbx-1", login: "0001", password: "s3cret" });
  });

  it("keeps the login, clears the refused password and puts the focus there", async () => {
    const backend = new Backend();
    backend.refusals.set("POST /session", { status: 401, code: "pbx_credentials_rejected" });
    const { person } = await openTab(backend);
    const { login, password } = await fields();
    await person.type(login, "0001");
    await person.type(password, "wrong{Enter}");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("does not know this combination");
    expect(alert.textContent).toContain("Code: pbx_credentials_rejected");
    expect(alert.textContent).toMatch(/ID: [\w-]{12}/);
    expect([login.value, password.value]).toEqual(["0001", ""]);
    expect(document.activeElement).toBe(password);
  });

  it.each([
    [502, "pbx_unreachable", "cannot be reached"],
    [504, "pbx_timeout", "did not answer in time"],
    [503, "unavailable", "briefly unavailable"],
    [422, "pbx_address_forbidden", "may not be used"],
    [403, "tenant_unknown", "not set up"],
  ])("loses nothing typed over %s %s", async (status, code, words) => {
    const backend = new Backend();
    backend.refusals.set("POST /session", { status, code });
    const { person } = await openTab(backend);
    const { login, password } = await fields();
    await person.type(login, "0001");
    await person.type(password, "right{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain(words);
    expect([login.value, password.value]).toEqual(["0001", "right"]);
  });

  it("counts down before the next attempt", async () => {
    const backend = new Backend();
    backend.refusals.set("POST /session", { status: 429, code: "too_many_attempts", retryAfter: 2 });
    const { person } = await openTab(backend);
    const { login, password } = await fields();
    await person.type(login, "0001");
    await person.type(password, "x{Enter}");
    const button = await screen.findByRole<HTMLButtonElement>("button", { name: /Wait 0:0[12]/ });
    expect(button.disabled).toBe(true);
    await expect.poll(() => button.disabled, { timeout: 4_000 }).toBe(false);
    expect(button.textContent).toBe("Sign in");
  });

  it("asks for what is missing before it sends anything", async () => {
    const { person, backend } = await openTab(new Backend());
    await fields();
    await person.click(screen.getByRole("button", { name: "Sign in" }));
    expect(screen.getByText("Please enter your login.")).toBeTruthy();
    expect(backend.seen.some(({ method }) => method === "POST")).toBe(false);
  });

  it("shows and hides the password", async () => {
    const { person } = await openTab(new Backend());
    const { password } = await fields();
    await person.click(screen.getByRole("button", { name: "Show password" }));
    expect(password.type).toBe("text");
    await person.click(screen.getByRole("button", { name: "Hide password" }));
    expect(password.type).toBe("password");
  });
});

describe("a sign-in that ends", () => {
  const dialog = () => screen.queryByRole("dialog", { hidden: true });

  it("is asked for over the page, which keeps what was typed, and offers the interrupted call", async () => {
    const backend = signedIn();
    const { person } = await openTab(backend);
    await person.type(await numberField(), "030 42");
    act(() => backend.endSession("expired"));
    backend.refusals.set("POST /calls", { status: 401, code: "signed_out", reason: "expired" });
    await expect.poll(dialog).not.toBeNull();
    expect(dialog()?.textContent).toContain("too old or not used for a while");
    expect((await numberField()).value).toBe("030 42");
    backend.interrupted = "030 42";
    await person.type(within(dialog()!).getByRole("textbox", { name: "Login", hidden: true }), "0001");
    await person.type(within(dialog()!).getByLabelText("Password"), "pw{Enter}");
    await expect.poll(dialog).toBeNull();
    expect(await screen.findByText("You wanted to call 030 42. Now?")).toBeTruthy();
    await person.click(screen.getAllByRole("button", { name: "Call with STARFACE" })[0]!);
    await expect.poll(() => backend.calls.map(({ remote }) => remote.number)).toEqual(["030 42"]);
    expect(backend.seen.filter(({ path }) => path === "/interrupted/resume")).toHaveLength(1);
    expect(screen.queryByText("You wanted to call 030 42. Now?")).toBeNull();
  });

  it("is found out by a call that is refused, and that call is offered even if the service kept nothing", async () => {
    const backend = signedIn();
    const { person } = await openTab(backend);
    backend.refusals.set("POST /calls", { status: 401, code: "signed_out", reason: "revoked" });
    await person.type(await numberField(), "030 7{Enter}");
    await expect.poll(dialog).not.toBeNull();
    await person.type(within(dialog()!).getByRole("textbox", { name: "Login", hidden: true }), "0001");
    await person.type(within(dialog()!).getByLabelText("Password"), "pw{Enter}");
    await screen.findByText("You wanted to call 030 7. Now?");
    await person.click(screen.getAllByRole("button", { name: "Call with STARFACE" })[0]!);
    await expect.poll(() => backend.calls.map(({ remote }) => remote.number)).toEqual(["030 7"]);
    expect((await numberField()).value).toBe("");
  });

  it("is only a quiet bar during a call, and asks when the call is over", async () => {
    const backend = signedIn();
    backend.tell("a", "connected", { remote: { number: "1", name: "Anna" } });
    await openTab(backend);
    await tile("Anna");
    act(() => backend.endSession("expired"));
    expect(await screen.findByText(/Your call goes on/)).toBeTruthy();
    expect(dialog()).toBeNull();
    expect(within(await tile("Anna")).queryAllByRole("button")).toEqual([]);
    act(() => void backend.tell("a", "ended"));
    await expect.poll(dialog).not.toBeNull();
  });

  it("can be put off and is not asked for again for the same cause", async () => {
    const backend = signedIn();
    const { person } = await openTab(backend);
    await numberField();
    act(() => backend.endSession("revoked"));
    await expect.poll(dialog).not.toBeNull();
    await person.click(within(dialog()!).getByRole("button", { name: "Later", hidden: true }));
    expect(dialog()).toBeNull();
    act(() => backend.emit("session", backend.session));
    expect(await screen.findByText(/You are signed out/)).toBeTruthy();
    expect(dialog()).toBeNull();
    await person.click(screen.getByRole("button", { name: "Sign in" }));
    await expect.poll(dialog).not.toBeNull();
  });

  it("by the person's own wish leads to the sign-in page", async () => {
    const backend = signedIn();
    const { person } = await openTab(backend);
    await numberField();
    await person.click(screen.getByRole("button", { name: "Settings" }));
    await person.click(await screen.findByRole("button", { name: "Sign out everywhere" }));
    expect(await screen.findByText("Sign in to STARFACE")).toBeTruthy();
    expect(dialog()).toBeNull();
    expect(backend.session.state).toBe("signed_out");
  });
});

describe("administration", () => {
  const fresh = () => {
    const backend = new Backend([]);
    backend.admin = true;
    return backend;
  };

  it("marks each fault at its field and sends nothing", async () => {
    const { person, backend } = await openTab(fresh());
    await person.click(await screen.findByRole("button", { name: "Save" }));
    expect(screen.getAllByText("Please fill in this field.")).toHaveLength(2);
    expect(backend.pbxs).toEqual([]);
  });

  it("sets up the first phone system, checks it and leads on to the sign-in", async () => {
    const backend = fresh();
    backend.checks = [
      { id: "tls", status: "warn", detail: "Ends soon." },
      { id: "new-check", status: "pass", detail: "Fine." },
    ];
    const { person } = await openTab(backend);
    await person.type(await screen.findByRole("textbox", { name: /^Name/ }), "Headquarters");
    await person.type(screen.getByRole("textbox", { name: /^Host name/ }), "pbx.example.com");
    await person.click(screen.getByRole("button", { name: "Save" }));
    await person.click(await screen.findByRole("button", { name: "Check connection" }));
    expect(await screen.findByText(/Encryption/)).toBeTruthy();
    expect(document.querySelector('[data-check="tls"]')?.textContent).toContain("Note. Ends soon.");
    expect(document.querySelector('[data-check="new-check"]')?.getAttribute("data-status")).toBe("pass");
    expect(backend.pbxs[0]).toMatchObject({
      host: "pbx.example.com",
      port: 443,
      tls: "required",
      primary: true,
      callbacks: "auto",
    });
    await person.click(screen.getByRole("button", { name: "Go on to sign in" }));
    expect(await screen.findByText("Sign in to STARFACE")).toBeTruthy();
  });

  it("shows a refused address at the host field", async () => {
    const backend = fresh();
    backend.refusals.set("POST /admin/pbxs", { status: 422, code: "pbx_address_forbidden" });
    const { person } = await openTab(backend);
    await person.type(await screen.findByRole("textbox", { name: /^Name/ }), "H");
    const host = screen.getByRole("textbox", { name: /^Host name/ });
    await person.type(host, "127.0.0.1");
    await person.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("The service did not accept this entry.")).toBeTruthy();
    expect(document.activeElement).toBe(host);
    expect(screen.getByText(/closed to this service/)).toBeTruthy();
  });

  it("is offered to administrators alone", async () => {
    const backend = signedIn();
    const { person } = await openTab(backend);
    await numberField();
    await expect.poll(() => backend.seen.some(({ path }) => path === "/admin/pbxs")).toBe(true);
    expect(screen.queryByRole("button", { name: "Administration" })).toBeNull();
    await person.keyboard("{Escape}");
  });
});
