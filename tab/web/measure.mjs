/** Prints what the built pages weigh, and fails when the phone page asks for more script than allowed before one can use it. */
import { readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 180 * 1024;
const dist = new URL("dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** All chunks that come with `key` before it can run. */
function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, found);
  return found;
}

function weight(keys) {
  return [...keys].reduce(
    (sum, key) => sum + gzipSync(readFileSync(new URL(manifest[key].file, dist)), { level: 9 }).length,
    0,
  );
}

function report(name, entries, limit) {
  const keys = new Set(entries.flatMap((entry) => [...closure(entry)]));
  const size = weight(keys);
  const within =
    limit === undefined
      ? ""
      : size <= limit
        ? ` of ${limit / 1024} KiB allowed`
        : ` OVER the ${limit / 1024} KiB allowed`;
  console.log(
    `${name.padEnd(34)} ${(size / 1024).toFixed(1).padStart(7)} KiB gzipped script, ${keys.size} files${within}`,
  );
  return limit === undefined || size <= limit;
}

const language = "src/texts/de.ts";
const theme = "src/surface/themes/dark.ts";
const ok = report("phone page", ["index.html", "src/pages/phone/PhonePage.tsx", language, theme], LIMIT);
report("first sign-in", [
  "index.html",
  "src/pages/phone/PhonePage.tsx",
  "src/pages/sign-in/SignInPage.tsx",
  language,
  theme,
]);
report("sign-in dialog", ["sign-in.html", language, theme]);
for (const page of [
  "colleagues/Colleagues",
  "history/History",
  "voicemail/Voicemail",
  "redirects/Redirects",
  "groups/Groups",
  "settings/Settings",
  "administration/Administration",
]) {
  report(page.split("/")[0], ["index.html", `src/pages/${page}Page.tsx`, "src/texts/rooms.de.ts", language, theme]);
}
report("consent window", ["consent.html"]);
process.exitCode = ok ? 0 : 1;
rmSync(new URL(".vite/", dist), { recursive: true });
