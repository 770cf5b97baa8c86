/*
 * gtm.js - as much of Tag Manager's template sandbox as the template uses.
 * What is required without its permission throws, as it does there; the
 * code sees nothing but `require` and `data`.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const FILE = path.join(__dirname, '../../collector/tracker/gtm/template.tpl');
const text = fs.readFileSync(FILE, 'utf8');

/* The file's sections in their order: [name, text]. */
const sections = exports.sections = text.split(/^___([A-Z_]+)___$/m).slice(1)
  .reduce((all, part, i, parts) => (i % 2 ? all : all.concat([[part, parts[i + 1].trim()]])), []);
const section = exports.section = (name) => sections.find(([found]) => found === name)[1];
exports.code = section('SANDBOXED_JS_FOR_WEB_TEMPLATE');

/* A permission's value, out of the types that the file writes down. */
const plain = ({ type, string, boolean, listItem, mapKey, mapValue }) => {
  if (type === 1) return string;
  if (type === 8) return boolean;
  if (type === 2) return listItem.map(plain);
  if (type === 3) return Object.fromEntries(mapKey.map((key, i) => [plain(key), plain(mapValue[i])]));
  throw new Error(`type ${type}`);
};
/* {permission: {parameter: value}} */
const permissions = exports.permissions = () => Object.fromEntries(JSON.parse(section('WEB_PERMISSIONS')).map(({ instance }) =>
  [instance.key.publicId, Object.fromEntries(instance.param.map(({ key, value }) => [key, plain(value)]))]));

const may = (yes, what) => { if (!yes) throw new Error(`no permission: ${what}`); };

/* The APIs over WINDOW, with the template's own permissions; INJECT(url, ok, failed) loads. */
exports.apis = function (window, inject, granted = () => false) {
  const allowed = permissions();
  const globals = (key, ...ways) => may((allowed.access_globals || { keys: [] }).keys.some((k) => k.key === key && ways.every((way) => k[way])), key);
  const consent = (type) => may(((allowed.access_consent || {}).consentTypes || []).some((c) => c.consentType === type && c.read), type);
  const loaded = new Set();
  return {
    createArgumentsQueue(name, queue) {
      globals(name, 'read', 'write', 'execute');
      globals(queue, 'read', 'write');
      if (!window[name]) {
        const list = [];
        window[name] = function () { list.push(arguments); };
        window[name][queue.split('.')[1]] = list;
      }
      return (...args) => window[name](...args);
    },
    encodeUriComponent: encodeURIComponent,
    injectScript(url, ok, failed, token) {
      may(allowed.inject_script.urls.some((pattern) => pattern === 'https://*/*' && /^https:\/\/[^/]+\//.test(url)), url);
      if (loaded.has(token)) return ok();
      loaded.add(token);
      inject(url, ok, failed);
    },
    isConsentGranted(type) { consent(type); return granted(type); },
    addConsentListener(type) { consent(type); },
  };
};

/* Runs the template with DATA as its fields. */
exports.run = (apis, data) => vm.runInNewContext(`(function (require, data) { 'use strict'; ${exports.code}\n})`)((name) => {
  if (!Object.hasOwn(apis, name)) throw new Error(`no API: ${name}`);
  return apis[name];
}, data);

/* The scenarios of the template's own tests: [name, code]. */
exports.scenarios = () => [...section('TESTS').matchAll(/^- name: (.*)\n {2}code: \|-\n((?: {4}.*\n?)+)/gm)].map((m) => [m[1], m[2]]);
