/*
 * index.js - for bundlers: puts the collector's own script on the page, so
 * that script and collector are always of one version, and passes calls on.
 */
/** @type {any} */
const page = typeof window == 'undefined' ? undefined : window;

const stub = () => {
  if (!page.afterclick) {
    page.afterclick = (/** @type {any[]} */ ...args) => {
      (page.afterclick.q = page.afterclick.q || []).push(args);
    };
  }
};

/** @type {any} */
export const afterclick = (/** @type {any[]} */ ...args) => {
  if (!page) return;
  stub();
  page.afterclick(...args);
};

/** @param {import('./index').Options} options */
export const load = (options) => {
  if (page && !(page.afterclick && (page.afterclick.loading || page.afterclick.site))) {
    stub();
    page.afterclick.loading = true;
    const script = document.createElement('script');
    script.async = true;
    if (options.nonce) script.nonce = options.nonce;
    /** @type {any} */
    const attributes = { site: options.site, endpoint: options.endpoint, consent: options.consent,
      spa: options.spa === false ? 'off' : undefined };
    for (const name in attributes) if (attributes[name]) script.setAttribute('data-' + name, attributes[name]);
    script.src = options.src;
    document.head.appendChild(script);
  }
  return afterclick;
};
