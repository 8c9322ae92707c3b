import { FluentProvider, RendererProvider, createDOMRenderer, type Theme as Tokens } from "@fluentui/react-components";
import { useEffect, useState, type ReactNode } from "react";
import type { Theme } from "../host/host";

/** Each theme travels only when it is shown: they are the largest part of Fluent's weight. */
const THEMES: Readonly<Record<Theme, () => Promise<{ theme: Tokens }>>> = {
  light: () => import("./themes/light"),
  dark: () => import("./themes/dark"),
  contrast: () => import("./themes/contrast"),
};

/** The nonce that the service put into the page for this answer; styles made at run time need it under the page's policy. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

const renderer = createDOMRenderer(document, nonce === "" ? {} : { styleElementAttributes: { nonce } });

/** Fluent UI in one of Teams' themes. A new theme replaces the old one when it has arrived, so nothing flickers. */
export function Surface({ theme, children }: { theme: Theme; children: ReactNode }) {
  const [tokens, setTokens] = useState<Tokens | null>(null);
  useEffect(() => {
    let wanted = true;
    void THEMES[theme]().then((module) => wanted && setTokens(module.theme));
    return () => {
      wanted = false;
    };
  }, [theme]);
  if (tokens === null) return null;
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <FluentProvider theme={tokens} data-theme={theme}>
        {children}
      </FluentProvider>
    </RendererProvider>
  );
}
