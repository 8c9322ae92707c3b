import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState, type ComponentType } from "react";
import { asProblem } from "../api/problem";
import type { Line } from "../live/line";
import { useProduct } from "../surface/product";

/** What is known is shown at once when one comes back to a page, and asked for again when it is older than this. */
const FRESH = 15_000;

const clients = new WeakMap<Line, QueryClient>();

/** The answers that pages share. They are about one person's sign-in: with its end they are forgotten. */
function clientOf(line: Line): QueryClient {
  const known = clients.get(line);
  if (known !== undefined) return known;
  const client = new QueryClient({
    defaultOptions: {
      queries: { retry: false, refetchOnWindowFocus: false, refetchOnReconnect: true, staleTime: FRESH },
      mutations: { onError: (thrown) => void line.noticed(asProblem(thrown)) },
    },
  });
  client.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error") line.noticed(asProblem(event.action.error));
  });
  line.store.subscribe(({ session }, before) => {
    if (session?.state !== before.session?.state || session?.pbx?.id !== before.session?.pbx?.id) client.clear();
  });
  clients.set(line, client);
  return client;
}

/** Gives a page the answers that pages share. */
export function withQueries<P extends object>(Page: ComponentType<P>): ComponentType<P> {
  return function WithQueries(props: P) {
    const { line } = useProduct();
    const [client] = useState(() => clientOf(line));
    return (
      <QueryClientProvider client={client}>
        <Page {...props} />
      </QueryClientProvider>
    );
  };
}
