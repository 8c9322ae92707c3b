import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { looking } from "./dev/looking.ts";

export default defineConfig({
  base: "/tab/",
  plugins: [react(), looking()],
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    target: "es2023",
    sourcemap: false,
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rollupOptions: { input: ["index.html", "sign-in.html", "consent.html"] },
  },
  test: {
    setupFiles: ["tests/platform.ts"],
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    testTimeout: 20_000,
    expect: { poll: { timeout: 5_000 } },
    restoreMocks: true,
  },
});
