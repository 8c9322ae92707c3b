import { createStore, type StoreApi } from "zustand/vanilla";
import type { Phone } from "../api/model";
import type { Page, Place } from "../host/places";

/** A call that could not be placed because the sign-in had ended. */
export interface KeptCall {
  readonly number: string;
  readonly phoneId: string | null;
}

/** What lies on the person's desk: typed, chosen, put aside. Outlives a change of page and a new sign-in, never the tab. */
export interface DeskState {
  readonly page: Page;
  /** What of the page a link meant; see `places.ts`. */
  readonly item: string;
  readonly number: string;
  /** The phone that shall ring; `null` is the main one. */
  readonly phoneId: string | null;
  /** The person's phones; `null` before they are known, empty also when the phone system does not tell. */
  readonly phones: readonly Phone[] | null;
  /** The last number called, for calling it again with the up key. */
  readonly lastNumber: string;
  readonly kept: KeptCall | null;
  /** `open`: the sign-in lies over the page. `later`: put off; only a bar reminds of it. */
  readonly signIn: "closed" | "open" | "later";
  /** Login typed so far and phone system used last, for signing in again. A password is never kept here. */
  readonly login: string;
  readonly lastPbx: string | null;
  /** Grows when the service may have kept an action to offer. */
  readonly offers: number;
}

export type Desk = StoreApi<DeskState>;

export function tidyDesk({ page, item, number }: Place): Desk {
  return createStore<DeskState>(() => ({
    page,
    item,
    number,
    phoneId: null,
    phones: null,
    lastNumber: "",
    kept: null,
    signIn: "closed",
    login: "",
    lastPbx: null,
    offers: 0,
  }));
}

/** Turns to another page, perhaps to one thing on it. */
export function turnTo(desk: Desk, page: Page, item = ""): void {
  desk.setState({ page, item });
  window.scrollTo(0, 0);
}
