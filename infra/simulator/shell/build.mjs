// Bundles web/ into dist/: one script, one style sheet, one page. Run it through `npm run build`.
import { cp, mkdir, rm } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('dist', { recursive: true, force: true });
await mkdir('dist');
await build({
  entryPoints: ['web/shell.ts', 'web/shell.css'],
  outdir: 'dist',
  bundle: true,
  minify: true,
  sourcemap: true,
  target: 'es2022',
  format: 'esm',
  logLevel: 'warning',
});
await cp('web/index.html', 'dist/index.html');
await cp('web/icon.svg', 'dist/icon.svg');
