import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { cleanup, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach } from "vitest";
import { App } from "../src/App";
import { Backend } from "../dev/backend";
import { NoHost, type Host, type Surroundings, type Theme } from "../src/host/host";
import { Entrance } from "../src/surface/Entrance";

const running: Server[] = [];

afterEach(async () => {
  cleanup();
  document.body.replaceChildren();
  await Promise.all(
    running.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

/** Puts a backend on a real socket; gives its origin. */
export async function serve(backend: Backend): Promise<string> {
  const server = createServer((request, response) => void backend.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  running.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A Teams of our own making: what it was asked is kept for the tests to look at. */
export class TestHost implements Host {
  readonly surroundings: Surroundings = { theme: "light", locale: "en-US", subPage: "", callsWithTeams: true };
  tokens: (() => Promise<string>) | null = null;
  readonly called: string[] = [];
  submitted: Readonly<Record<string, string>> | null = null;
  consents = 0;
  isReady = false;
  changeTheme: (theme: Theme) => void = () => undefined;

  constructor(
    surroundings: Partial<Surroundings> = {},
    private readonly inTeams = true,
  ) {
    this.surroundings = { ...this.surroundings, ...surroundings };
  }

  start(): Promise<Surroundings> {
    return this.inTeams ? Promise.resolve(this.surroundings) : Promise.reject(new NoHost("alone"));
  }

  onTheme(changed: (theme: Theme) => void): void {
    this.changeTheme = changed;
  }

  ready(): void {
    this.isReady = true;
  }

  token(): Promise<string> {
    return this.tokens === null ? Promise.resolve("a-teams-token") : this.tokens();
  }

  askConsent(): Promise<void> {
    this.consents += 1;
    return Promise.resolve();
  }

  callWithTeams(number: string): Promise<void> {
    this.called.push(number);
    return Promise.resolve();
  }

  submitDialog(result: Readonly<Record<string, string>>): boolean {
    this.submitted = result;
    return true;
  }
}

/** Opens the tab against a backend, as a person in Teams would. */
export async function openTab(backend: Backend, host: TestHost = new TestHost()) {
  const origin = await serve(backend);
  const person = userEvent.setup();
  render(
    <Entrance host={host} origin={origin}>
      <App />
    </Entrance>,
  );
  return { person, backend, host };
}

/** A backend with somebody signed in. */
export function signedIn(names?: readonly string[]): Backend {
  const backend = new Backend(names);
  backend.signIn();
  return backend;
}
