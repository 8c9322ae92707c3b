import { createContext, use, useContext } from "react";
import { useStore } from "zustand";
import type { Host, Surroundings } from "../host/host";
import type { Line } from "../live/line";
import type { LiveState } from "../live/state";
import type { Texts } from "../texts/en";
import type { Language } from "../texts/language";
import type { Rooms } from "../texts/rooms.en";
import type { Desk, DeskState } from "./desk";

/** What every part of the page may use. Made once at the start. */
export interface Product {
  readonly host: Host;
  readonly surroundings: Surroundings;
  readonly language: Language;
  readonly line: Line;
  readonly desk: Desk;
}

export const ProductContext = createContext<Product | null>(null);

export function useProduct(): Product {
  const product = useContext(ProductContext);
  if (product === null) throw new Error("No product around this component");
  return product;
}

export function useTexts(): Texts {
  return useProduct().language.texts;
}

/** The sentences of the pages beside the phone; waits for them when they have not arrived. */
export function useRooms(): Rooms {
  return use(useProduct().language.rooms());
}

/** A part of what the stream tells; the component is drawn again when that part changes. */
export function useLive<T>(part: (state: LiveState) => T): T {
  return useStore(useProduct().line.store, part);
}

export function useDesk<T>(part: (state: DeskState) => T): T {
  return useStore(useProduct().desk, part);
}
