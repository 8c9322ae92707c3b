import { useEffect, useState } from "react";

/** The present moment in milliseconds, renewed every `step` milliseconds. */
export function useNow(step: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), step);
    return () => clearInterval(timer);
  }, [step]);
  return now;
}

/** Seconds until `moment` (milliseconds), counted down to 0. */
export function useCountdown(moment: number): number {
  const now = useNow(500);
  return Math.max(0, Math.ceil((moment - now) / 1_000));
}
