import type { Problem } from "../api/problem";
import type { Texts } from "./en";
import type { Rooms } from "./rooms.en";

/** One language: its sentences, and times and spans as its readers write them. */
export class Language {
  private readonly clockTime: Intl.DateTimeFormat;
  private readonly dayAndTime: Intl.DateTimeFormat;
  private readonly relative: Intl.RelativeTimeFormat;
  private readonly day: Intl.DateTimeFormat;
  private readonly counting: Intl.NumberFormat;
  private loaded: Promise<Rooms> | null = null;

  constructor(
    /** BCP 47 tag, e.g. `de-DE`. */
    readonly tag: string,
    readonly texts: Texts,
    private readonly loadRooms: () => Promise<Rooms>,
  ) {
    this.day = new Intl.DateTimeFormat(tag, { weekday: "short", day: "numeric", month: "short" });
    this.counting = new Intl.NumberFormat(tag);
    this.clockTime = new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit" });
    this.dayAndTime = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" });
    this.relative = new Intl.RelativeTimeFormat(tag, { numeric: "auto", style: "long" });
  }

  /** The sentence for a problem: our own where we have one, else the service's. */
  problem(problem: Problem): string {
    return this.texts.problems[problem.code] ?? (problem.detail || this.texts.unknownProblem);
  }

  /** Age of a moment in words ("2 minutes ago"); beyond a day the date and time. Milliseconds. */
  age(moment: number, now: number): string {
    const seconds = Math.max(0, Math.round((now - moment) / 1_000));
    if (seconds < 45) return this.relative.format(0, "second");
    if (seconds < 3_600) return this.relative.format(-Math.max(1, Math.round(seconds / 60)), "minute");
    if (seconds < 86_400) return this.relative.format(-Math.round(seconds / 3_600), "hour");
    return this.dayAndTime.format(moment);
  }

  /** The sentences of the pages beside the phone; they travel with the first of these pages. */
  rooms(): Promise<Rooms> {
    return (this.loaded ??= this.loadRooms());
  }

  count(value: number): string {
    return this.counting.format(value);
  }

  /** Day and time, as short as the reader understands it: the time today, the day this year, else the date. Milliseconds. */
  moment(moment: number, now: number): string {
    const then = new Date(moment);
    const today = new Date(now);
    if (then.toDateString() === today.toDateString()) return this.clockTime.format(then);
    const days = Math.round((today.setHours(0, 0, 0, 0) - new Date(moment).setHours(0, 0, 0, 0)) / 86_400_000);
    if (days === 1) return `${this.relative.format(-1, "day")}, ${this.clockTime.format(then)}`;
    if (days < 300) return `${this.day.format(then)}, ${this.clockTime.format(then)}`;
    return this.dayAndTime.format(then);
  }

  /** A span ahead in words ("in 3 hours"). Seconds. */
  ahead(seconds: number): string {
    if (seconds < 90) return this.relative.format(Math.max(0, Math.round(seconds)), "second");
    if (seconds < 5_400) return this.relative.format(Math.round(seconds / 60), "minute");
    if (seconds < 129_600) return this.relative.format(Math.round(seconds / 3_600), "hour");
    return this.relative.format(Math.round(seconds / 86_400), "day");
  }

  time(moment: number): string {
    return this.clockTime.format(moment);
  }

  /** A span as a clock shows it: `0:07`, `12:34`, `1:02:03`. Seconds. */
  span(seconds: number): string {
    const whole = Math.max(0, Math.floor(seconds));
    const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
    const tail = `${hours > 0 ? String(minutes).padStart(2, "0") : minutes}:${String(rest).padStart(2, "0")}`;
    return hours > 0 ? `${hours}:${tail}` : tail;
  }
}

/** Loads the language nearest to Teams' own; English for those we do not have. Only that language's sentences travel. */
export async function languageFor(locale: string): Promise<Language> {
  const tag = canonical(locale);
  const word = tag.toLowerCase();
  if (word.startsWith("de")) {
    return new Language(tag, (await import("./de")).de, async () => (await import("./rooms.de")).rooms);
  }
  const { en } = await import("./en");
  return new Language(word.startsWith("en") ? tag : "en", en, async () => (await import("./rooms.en")).rooms);
}

function canonical(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? "en";
  } catch {
    return "en";
  }
}
