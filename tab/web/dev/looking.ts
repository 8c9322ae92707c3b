/** Serves the stand-in service and a page that plays Teams, for looking at the tab (`npm run dev`, `npm run preview`). */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import { Backend, type Refusal } from "./backend.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'nonce-looking'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self' https://res.cdn.office.net",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** The page that plays Teams lies at `/`; `POST /looking` calls a method of the stand-in or sets one of its fields. */
export function looking(): Plugin {
  const backend = new Backend();
  const serve: Connect.NextHandleFunction = (request, response, next) => {
    const path = new URL(request.url ?? "/", "http://service").pathname;
    if (path.startsWith("/api/")) void backend.handle(request, response);
    else if (path === "/looking") void steer(backend, request, response);
    else if (path === "/") page(response);
    else next();
  };
  const built: Connect.NextHandleFunction = (request, response, next) => {
    const name = /^\/tab\/(?:([\w-]+)\.html)?(?:\?|$)/.exec(request.url ?? "");
    if (name === null) {
      next();
      return;
    }
    const html = readFileSync(new URL(`../dist/${name[1] ?? "index"}.html`, import.meta.url), "utf8");
    response.writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": POLICY });
    response.end(html.replaceAll("__CSP_NONCE__", "looking"));
  };
  return {
    name: "looking",
    configureServer: (server) => void server.middlewares.use(serve),
    configurePreviewServer: (server) => void server.middlewares.use(serve).use(built),
  };
}

function page(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/html" });
  response.end(readFileSync(new URL("teams.html", import.meta.url)));
}

async function steer(backend: Backend, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const order = JSON.parse(Buffer.concat(chunks).toString()) as {
    set?: object;
    call?: [string, ...unknown[]];
    refuse?: [string, Refusal];
  };
  Object.assign(backend, order.set);
  if (order.refuse) backend.refusals.set(...order.refuse);
  if (order.call) {
    const [method, ...values] = order.call;
    (backend as unknown as Record<string, (...values: unknown[]) => unknown>)[method]?.call(backend, ...values);
  }
  response.end("{}");
}
