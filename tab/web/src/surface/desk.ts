import { createStore, type StoreApi } from "zustand/vanilla";
import type { Page } from "../host/places";

/** A call that could not be placed because the sign-in had ended. */
export interface KeptCall {
  readonly number: string;
  readonly phoneId: string | null;
}

/** What lies on the person's desk: typed, chosen, put aside. Outlives a change of page and a new sign-in, never the tab. */
export interface DeskState {
  readonly page: Page;
  readonly number: string;
  /** The phone that shall ring; `null` is the main one. */
  readonly phoneId: string | null;
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

export function tidyDesk(page: Page, number: string): Desk {
  return createStore<DeskState>(() => ({
    page,
    number,
    phoneId: null,
    lastNumber: "",
    kept: null,
    signIn: "closed",
    login: "",
    lastPbx: null,
    offers: 0,
  }));
}
