import {
  FluentProvider,
  RendererProvider,
  createDOMRenderer,
  teamsDarkTheme,
  teamsHighContrastTheme,
  teamsLightTheme,
} from "@fluentui/react-components";
import type { ReactNode } from "react";
import type { Theme } from "../host/host";

const THEMES = { light: teamsLightTheme, dark: teamsDarkTheme, contrast: teamsHighContrastTheme } as const;

/** The nonce that the service put into the page for this answer; styles made at run time need it under the page's policy. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

const renderer = createDOMRenderer(document, nonce === "" ? {} : { styleElementAttributes: { nonce } });

/** Fluent UI in one of Teams' themes. */
export function Surface({ theme, children }: { theme: Theme; children: ReactNode }) {
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <FluentProvider theme={THEMES[theme]} data-theme={theme}>
        {children}
      </FluentProvider>
    </RendererProvider>
  );
}
