import { useEffect, useState } from "react";
import { people, type Hit } from "../api/people";
import { useLive, useProduct } from "./product";

/** Pause after a letter before the service is asked. */
const PAUSE = 160;

/** Fewer letters or digits than this are not searched for. */
const SHORTEST = 2;

const MOST = 6;

/** One number of somebody who may be meant. */
export interface Suggestion {
  readonly key: string;
  readonly hit: Hit;
  readonly number: string;
}

interface Found {
  readonly terms: string;
  readonly suggestions: readonly Suggestion[];
}

/** Who may be meant by what is typed; `null` while nothing is searched for or known yet. A search that fails finds nothing. */
export function usePeopleSearch(typed: string, wanted: boolean): readonly Suggestion[] | null {
  const { line } = useProduct();
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  const [found, setFound] = useState<Found | null>(null);
  const terms = typed.trim();
  const asks = wanted && signedIn && terms.length >= SHORTEST;
  useEffect(() => {
    if (!asks) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      people(line.api, terms, MOST, abort.signal).then(
        (hits) => setFound({ terms, suggestions: suggestionsOf(hits) }),
        () => undefined, // A number can be typed all the same.
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [line, terms, asks]);
  if (!asks || found === null) return null;
  const related = found.terms === terms || terms.startsWith(found.terms) || found.terms.startsWith(terms);
  return related ? found.suggestions : null;
}

function suggestionsOf(hits: readonly Hit[]): Suggestion[] {
  return hits.flatMap((hit) =>
    hit.numbers.slice(0, 3).map((number) => ({ key: `${hit.source} ${hit.name} ${number}`, hit, number })),
  );
}
