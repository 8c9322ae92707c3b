import { app, authentication, call, dialog } from "@microsoft/teams-js";
import { NoHost, type Host, type Surroundings, type Theme } from "./host";
import { refusal } from "./refusal";

/** Teams answers within a second; a frame of somebody else never does. */
const HOST_DEADLINE = 10_000;

/** Size of Microsoft's consent window in pixels. */
const CONSENT_WINDOW = { width: 600, height: 640 } as const;

const THEMES: Readonly<Record<string, Theme>> = { dark: "dark", contrast: "contrast" };

/** Teams itself, through teams-js. No foreign origin is ever passed to `initialize`: only Microsoft's hosts and our own origin may be the parent. */
export const teams: Host = {
  async start(): Promise<Surroundings> {
    try {
      await inTime(app.initialize(), HOST_DEADLINE);
    } catch {
      throw new NoHost("No Microsoft Teams around this page");
    }
    const context = await app.getContext();
    return {
      theme: themeOf(context.app.theme),
      locale: context.app.locale,
      subPage: context.page.subPageId ?? "",
      callsWithTeams: call.isSupported(),
    };
  },

  onTheme(changed: (theme: Theme) => void): void {
    app.registerOnThemeChangeHandler((name) => changed(themeOf(name)));
  },

  ready(): void {
    app.notifyAppLoaded();
    void app.notifySuccess();
  },

  async token(): Promise<string> {
    try {
      return await authentication.getAuthToken();
    } catch (thrown) {
      throw refusal(thrown);
    }
  },

  async askConsent(): Promise<void> {
    try {
      await authentication.authenticate({ url: `${location.origin}/tab/consent.html`, ...CONSENT_WINDOW });
    } catch (thrown) {
      throw refusal(thrown);
    }
  },

  async callWithTeams(number: string): Promise<void> {
    await call.startCall({ targets: [`4:${number}`] });
  },

  submitDialog(result: Readonly<Record<string, string>>): boolean {
    if (!dialog.url.isSupported()) return false;
    dialog.url.submit(result);
    return true;
  },
};

function themeOf(name: string | undefined): Theme {
  return THEMES[name ?? ""] ?? "light";
}

async function inTime<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  let timer = 0;
  const late = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error("late")), milliseconds);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
