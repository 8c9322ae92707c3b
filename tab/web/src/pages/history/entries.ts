import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { forgetEntry, history, type HistoryFilter } from "../../api/history";
import { isLive } from "../../live/state";
import { useLive, useProduct } from "../../surface/product";

/** Entries that are fetched in one go. */
const PAGE = 100;

/** How long the phone system takes to write a call that ended into its list. */
const WRITTEN_AFTER = 1_500;

/** What the person wants to see of the call list. */
export interface View {
  readonly which: "all" | "missed" | "inbound" | "outbound";
  readonly period: "any" | "today" | "week" | "month";
  readonly q: string;
}

const DAYS = { today: 0, week: 6, month: 29 } as const;

const NARROWING = {
  all: {},
  missed: { direction: "inbound", result: "missed" },
  inbound: { direction: "inbound" },
  outbound: { direction: "outbound" },
} as const satisfies Record<View["which"], HistoryFilter>;

/** The view that a link means (`history:missed`). */
export function startingView(item: string): View {
  const which = item in NARROWING ? (item as View["which"]) : "all";
  return { which, period: "any", q: "" };
}

export function filterOf({ which, period, q }: View): HistoryFilter {
  return {
    ...NARROWING[which],
    ...(period !== "any" && { from: midnight(DAYS[period]).toISOString() }),
    ...(q.trim() !== "" && { q: q.trim() }),
  };
}

function midnight(daysAgo: number): Date {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() - daysAgo);
  return day;
}

/** The calls that fit, page by page. Asked for anew when a call has ended. */
export function useEntries(view: View) {
  const { line } = useProduct();
  const signedIn = useLive((state) => state.session?.state === "signed_in");
  const filter = filterOf(view);
  const query = useInfiniteQuery({
    queryKey: ["history", filter],
    queryFn: ({ pageParam }) => history(line.api, filter, pageParam, PAGE),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const loaded = pages.reduce((sum, page) => sum + page.entries.length, 0);
      return last.entries.length > 0 && loaded < last.total ? loaded : undefined;
    },
    enabled: signedIn,
    placeholderData: keepPreviousData,
  });
  useRenewal();
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { query, more };
}

function useRenewal(): void {
  const client = useQueryClient();
  const live = useLive((state) => state.calls.filter(isLive).length);
  useEffect(() => {
    const timer = setTimeout(() => {
      void client.invalidateQueries({ queryKey: ["history"] }, { cancelRefetch: false });
    }, WRITTEN_AFTER);
    return () => clearTimeout(timer);
  }, [client, live]);
}

/** Takes a call off the list. */
export function useForget(): (id: string) => Promise<void> {
  const { line } = useProduct();
  return (id) => forgetEntry(line.api, id);
}
