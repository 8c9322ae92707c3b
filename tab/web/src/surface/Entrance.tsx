import { useEffect, useMemo, useState, type ReactNode } from "react";
import { Api } from "../api/client";
import type { Host, Surroundings, Theme } from "../host/host";
import { placeOf } from "../host/places";
import { Line } from "../live/line";
import { languageFor, type Language } from "../texts/language";
import { CrashNet } from "./CrashNet";
import { tidyDesk } from "./desk";
import { FullPage } from "./FullPage";
import { ProductContext, type Product } from "./product";
import { Surface } from "./Surface";

interface EntranceProps {
  readonly host: Host;
  readonly origin: string;
  readonly children: ReactNode;
}

type Arrival =
  { readonly surroundings: Surroundings; readonly language: Language } | { readonly outside: Language } | null;

/** Waits for Teams and the language, then opens the product to what is inside; outside of Teams it says so. */
export function Entrance({ host, origin, children }: EntranceProps) {
  const [arrival, setArrival] = useState<Arrival>(null);
  const [theme, setTheme] = useState<Theme>(systemTheme);

  useEffect(() => {
    const early = languageFor(navigator.language);
    host.start().then(
      async (surroundings) => {
        setTheme(surroundings.theme);
        host.onTheme(setTheme);
        setArrival({ surroundings, language: await languageFor(surroundings.locale) });
      },
      async () => setArrival({ outside: await early }),
    );
  }, [host]);

  return (
    <Surface theme={theme}>
      {arrival !== null && "outside" in arrival && <Outside language={arrival.outside} />}
      {arrival !== null && "language" in arrival && (
        <Inside host={host} origin={origin} {...arrival}>
          {children}
        </Inside>
      )}
    </Surface>
  );
}

interface InsideProps extends EntranceProps {
  readonly surroundings: Surroundings;
  readonly language: Language;
}

function Inside({ host, origin, surroundings, language, children }: InsideProps) {
  const product = useMemo<Product>(
    () => open(host, origin, surroundings, language),
    [host, origin, surroundings, language],
  );
  useEffect(() => {
    document.documentElement.lang = language.tag;
    return () => product.line.stop();
  }, [product, language]);
  return (
    <CrashNet texts={language.texts}>
      <ProductContext value={product}>{children}</ProductContext>
    </CrashNet>
  );
}

function open(host: Host, origin: string, surroundings: Surroundings, language: Language): Product {
  const desk = tidyDesk(placeOf(surroundings.subPage));
  const api = new Api({ origin, token: () => host.token(), language: () => language.tag });
  const line = new Line(api, { onOffer: () => desk.setState(({ offers }) => ({ offers: offers + 1 })) });
  return { host, surroundings, language, line, desk };
}

function Outside({ language: { texts, tag } }: { language: Language }) {
  useEffect(() => {
    document.documentElement.lang = tag;
  }, [tag]);
  return <FullPage title={texts.outside.title} text={texts.outside.text} />;
}

function systemTheme(): Theme {
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
