import type { HistoryEntry } from "../../api/history";

/** Somebody one had calls with. */
export interface Acquaintance {
  readonly key: string;
  readonly name: string;
  readonly number: string;
  readonly calls: number;
  readonly missed: number;
  readonly last: HistoryEntry;
}

/** Puts the calls with one number together, in the order of the newest call of each. Calls without a number go by name. */
export function byPerson(entries: readonly HistoryEntry[]): Acquaintance[] {
  const known = new Map<string, Acquaintance>();
  for (const entry of entries) {
    const { name, number } = entry.remote;
    const key = number || name;
    const before = known.get(key) ?? { key, name, number, calls: 0, missed: 0, last: entry };
    known.set(key, {
      ...before,
      name: before.name || name,
      calls: before.calls + 1,
      missed: before.missed + (isMissedEntry(entry) ? 1 : 0),
    });
  }
  return [...known.values()];
}

export function isMissedEntry({ direction, result }: HistoryEntry): boolean {
  return direction === "inbound" && result === "missed";
}
