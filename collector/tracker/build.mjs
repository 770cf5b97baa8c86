/*
 * build.mjs - src/ to dist/, which is checked in: who builds the collector
 * needs no Node. `node build.mjs FOLDER` builds elsewhere, to compare.
 */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = process.argv[2] || here('dist');

/* Lines, as compilers bound the length of a C string literal. */
const common = {
  bundle: true, minify: true, target: 'es2018', lineLimit: 160, charset: 'ascii', legalComments: 'none',
  banner: { js: '/* Afterclick tracker, Apache-2.0 */' },
};

const extension = await build({ ...common, entryPoints: [here('src/extension.js')], format: 'iife', outfile: `${out}/extension.js`, write: false });
/* The collector serves the extension under a name with these first bytes of its hash. */
const hash = createHash('sha256').update(extension.outputFiles[0].contents).digest('hex').slice(0, 8);
await build({ ...common, entryPoints: [here('src/extension.js')], format: 'iife', outfile: `${out}/extension.js` });
await build({ ...common, entryPoints: [here('src/core.js')], format: 'iife', outfile: `${out}/tracker.js`, define: { EXTENSION: JSON.stringify(hash) } });
await build({ ...common, entryPoints: [here('src/index.js')], format: 'esm', outfile: `${out}/index.js` });
