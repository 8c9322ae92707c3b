import { Problem, asProblem, problemOf } from "./problem";

/** Pauses before a command whose answer was lost is sent again, with the same key. */
const RESEND_AFTER = [400, 1_200] as const;

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

export function keyed(key: string) {
  return { params: { header: { "Idempotency-Key": key } } };
}

export function at(id: string, key: string) {
  return { params: { path: { id }, header: { "Idempotency-Key": key } } };
}

export function newKey(): string {
  return crypto.randomUUID();
}

/** Runs a command under one key; sends it again, with that key, while no answer arrives. */
export async function command<T>(send: (key: string) => Promise<T>): Promise<T> {
  const key = newKey();
  for (const pause of RESEND_AFTER) {
    try {
      return await send(key);
    } catch (thrown) {
      if (!asProblem(thrown).undecided) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
    }
  }
  return send(key);
}

/** The answer of a request; throws its `Problem`. */
export async function read<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, response } = await settled(answer);
  if (data === undefined)
    throw new Problem("unreadable", response.status, "", response.headers.get("X-Request-Id") ?? "");
  return data;
}

/** Waits for a request without an answer; throws its `Problem`. */
export async function done(answer: Promise<Answer<unknown>>): Promise<void> {
  await settled(answer);
}

async function settled<T>(answer: Promise<Answer<T>>): Promise<Answer<T>> {
  const result = await answer.catch((thrown: unknown) => {
    throw thrown instanceof Problem ? thrown : asProblem(thrown);
  });
  if (!result.response.ok) throw problemOf(result.response, result.error);
  return result;
}
