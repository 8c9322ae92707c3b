import { useEffect, useState } from "react";
import { international } from "./numbers";
import { useProduct } from "./product";

type Regions = typeof import("./countries");

/** The country of a number that names it itself, in the person's language; empty for all others. */
export function useCountry(number: string): string {
  const { language } = useProduct();
  const [regions, setRegions] = useState<Regions | null>(null);
  const target = international(number);
  const named = target !== null;
  useEffect(() => {
    if (!named || regions !== null) return;
    void import("./countries").then(setRegions, () => undefined); // Only a comfort.
  }, [named, regions]);
  const region = target === null ? null : (regions?.regionOf(target) ?? null);
  return region === null ? "" : (new Intl.DisplayNames(language.tag, { type: "region" }).of(region) ?? "");
}
