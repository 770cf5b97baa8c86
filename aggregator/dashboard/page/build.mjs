/*
 * build.mjs - src/ to dist/, which is checked in: who builds the aggregator
 * needs no Node. `node build.mjs FOLDER` builds elsewhere, to compare.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = process.argv[2] || here('dist');
mkdirSync(out, { recursive: true });

/* Lines, as compilers bound the length of a C string literal. */
const common = { bundle: true, minify: true, target: 'es2020', lineLimit: 160, charset: 'ascii', legalComments: 'none' };
await build({ ...common, entryPoints: [here('src/app.js')], format: 'iife', outfile: `${out}/app.js`,
  banner: { js: '/* Afterclick dashboard, Apache-2.0; with uPlot, MIT, Copyright (c) 2022 Leon Sorokin */' } });
await build({ ...common, entryPoints: [here('src/style.css')], outfile: `${out}/style.css` });

const text = (name) => readFileSync(here(`src/${name}`), 'utf8');
const slim = (html) => html.split('\n').map((line) => line.trim()).filter(Boolean).join('\n') + '\n';
writeFileSync(`${out}/index.html`, slim(text('index.html')));
const notes = {
  login: '',
  login_wrong: 'That is not the token.',
  login_wait: 'Too many wrong tokens. Try again in a minute.',
};
for (const [name, note] of Object.entries(notes))
  writeFileSync(`${out}/${name}.html`, slim(text('login.html').replace('NOTE', note)));
