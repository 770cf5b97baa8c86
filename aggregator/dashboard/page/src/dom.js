/*
 * dom.js - elements from code. Text only ever becomes text nodes, so that no
 * name of a campaign can be taken for markup.
 */
export const $ = (id) => document.getElementById(id);

export function make(name, about = {}, ...inside) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(about)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'on') for (const [event, call] of Object.entries(value)) e.addEventListener(event, call);
    else e.setAttribute(key, value === true ? '' : value);
  }
  e.append(...inside.filter((one) => one !== null && one !== undefined && one !== ''));
  return e;
}

/* A name from outside, apart from the text around it. */
export const name = (text) => make('bdi', {}, text);

export function fill(place, ...inside) {
  place.classList.remove('busy');
  place.replaceChildren(...inside);
}

/* A table that scrolls in its own window. HEAD: [title, {sort}] */
export function table(caption, head, rows) {
  return make('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': caption },
    make('table', {}, make('caption', {}, caption),
      make('thead', {}, make('tr', {}, ...head)),
      make('tbody', {}, ...rows)));
}

export const head = (title, more = {}) => make('th', { scope: 'col', ...more }, title);
export const cell = (text, more = {}) => make('td', more, text);
