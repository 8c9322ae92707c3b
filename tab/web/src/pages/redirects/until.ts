/** How long a change may last. The service takes at most 36 hours. */
export const SPANS = ["always", "hour", "twoHours", "fourHours", "today", "tomorrow", "clock"] as const;

export type Span = (typeof SPANS)[number];

const HOURS: Readonly<Partial<Record<Span, number>>> = { hour: 1, twoHours: 2, fourHours: 4 };

/** The end of a span that begins now; `null` for one without an end. `clock` is a time such as `15:30`: its next occurrence. */
export function endOf(span: Span, clock: string, now: Date): Date | null {
  const hours = HOURS[span];
  if (hours !== undefined) return new Date(now.getTime() + hours * 3_600_000);
  if (span === "today") return at(now, 0, 23, 59);
  if (span === "tomorrow") return at(now, 1, 8, 0);
  const [hour, minute] = clock.split(":").map(Number);
  if (span !== "clock" || hour === undefined || minute === undefined || Number.isNaN(hour + minute)) return null;
  const today = at(now, 0, hour, minute);
  return today > now ? today : at(now, 1, hour, minute);
}

function at(now: Date, days: number, hour: number, minute: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour, minute);
}
