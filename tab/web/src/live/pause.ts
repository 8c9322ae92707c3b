/** Shortest first and longest pause between two attempts at the stream, in milliseconds. */
const FIRST = 500;
const LONGEST = 30_000;

/**
 * How long to wait before attempt number `failures` + 1, in milliseconds: exponential back-off with full jitter, so that a
 * thousand tabs do not come back in the same moment. `retry` is the stream's own word for the first step, `atLeast` what a
 * refusal asked for (`Retry-After`); the latter is never undercut.
 */
export function pause(failures: number, retry: number, atLeast: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST, Math.max(FIRST, retry) * 2 ** Math.min(failures, 10));
  return atLeast + random() * ceiling;
}
