import { createParser } from "eventsource-parser";
import { Problem, asProblem } from "../api/problem";
import { pause } from "./pause";

/** The service sends at least a comment every 15 s; a stream silent for longer is half open and is given up. */
const SILENCE = 20_000;

export interface StreamEvent {
  readonly type: string;
  readonly data: unknown;
}

export interface StreamListener {
  /** The stream stands; its snapshot follows. `serverTime` is the service's clock in milliseconds, NaN if it did not say. */
  opened(serverTime: number): void;
  event(event: StreamEvent): void;
  /** The stream broke; it is tried again by itself. */
  lost(): void;
  /** The service refuses the stream for a reason that waiting does not cure. The stream has stopped. */
  refused(problem: Problem): void;
}

export interface StreamOptions {
  readonly open: (signal: AbortSignal) => Promise<Response>;
  readonly listener: StreamListener;
  readonly silence?: number;
  readonly random?: () => number;
}

/** The service's event stream, read with `fetch` (an `EventSource` cannot carry a bearer header) and kept up until stopped. */
export class EventStream {
  private running: AbortController | null = null;
  private attempt: AbortController | null = null;
  private failures = 0;
  private retry = 0;
  private lastByte = 0;
  private endPause: () => void = () => undefined;

  constructor(private readonly options: StreamOptions) {}

  get started(): boolean {
    return this.running !== null;
  }

  start(): void {
    if (this.running !== null) return;
    this.running = new AbortController();
    this.failures = 0;
    void this.keepUp(this.running.signal);
  }

  stop(): void {
    this.running?.abort();
    this.running = null;
    this.attempt?.abort();
    this.endPause();
  }

  /** The machine woke up or the network came back: do not wait any longer, and do not trust a stream that has been silent. */
  wake(): void {
    if (Date.now() - this.lastByte > this.silence) this.attempt?.abort();
    this.failures = 0;
    this.endPause();
  }

  private get silence(): number {
    return this.options.silence ?? SILENCE;
  }

  private async keepUp(stopped: AbortSignal): Promise<void> {
    const over = (): boolean => stopped.aborted;
    while (!over()) {
      const problem = await this.readOnce();
      if (over()) return;
      if (problem !== null && final(problem)) {
        this.running = null;
        this.options.listener.refused(problem);
        return;
      }
      this.options.listener.lost();
      await this.wait(pause(this.failures, this.retry, (problem?.retryAfter ?? 0) * 1_000, this.options.random));
      this.failures += 1;
    }
  }

  /** Reads one connection to its end; gives the reason if it could not be had or broke. */
  private async readOnce(): Promise<Problem | null> {
    const attempt = (this.attempt = new AbortController());
    this.lastByte = Date.now();
    const watch = setInterval(() => {
      if (Date.now() - this.lastByte > this.silence) attempt.abort();
    }, this.silence / 10);
    try {
      const response = await this.options.open(attempt.signal);
      this.options.listener.opened(Date.parse(response.headers.get("Date") ?? ""));
      await this.drain(response);
      return null;
    } catch (thrown) {
      return asProblem(thrown);
    } finally {
      clearInterval(watch);
      attempt.abort();
    }
  }

  private async drain(response: Response): Promise<void> {
    const parser = createParser({
      onEvent: ({ event, data }) => {
        this.failures = 0;
        const value = parsed(data);
        if (value !== undefined) this.options.listener.event({ type: event ?? "message", data: value });
      },
      onRetry: (milliseconds) => (this.retry = milliseconds),
    });
    const decoder = new TextDecoder();
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.lastByte = Date.now();
      parser.feed(decoder.decode(value, { stream: true }));
    }
  }

  private wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Refusals of identity and right do not pass by waiting; everything else may. */
function final(problem: Problem): boolean {
  return problem.wantsSignIn || problem.code.startsWith("teams_") || problem.status === 403;
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined; // A line cut by a proxy: the next snapshot puts it right.
  }
}
