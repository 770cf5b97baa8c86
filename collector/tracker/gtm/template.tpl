___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "TAG",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "Afterclick",
  "description": "Loads the tracker of an Afterclick collector, and tells it of events, conversions, orders, refunds, customers and consent.",
  "containerContexts": ["WEB"]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "TEXT",
    "name": "script",
    "displayName": "Address of the tracker, such as https://stats.example.com/t.js",
    "simpleValueType": true,
    "valueValidators": [{ "type": "REGEX", "args": ["^https://.+"] }]
  },
  {
    "type": "TEXT",
    "name": "site",
    "displayName": "Site",
    "simpleValueType": true,
    "valueValidators": [{ "type": "REGEX", "args": ["^[a-z0-9][a-z0-9_-]{0,63}$"] }]
  },
  {
    "type": "SELECT",
    "name": "command",
    "displayName": "What is told",
    "simpleValueType": true,
    "defaultValue": "load",
    "selectItems": [
      { "value": "load", "displayValue": "Page views only" },
      { "value": "event", "displayValue": "An event" },
      { "value": "conversion", "displayValue": "A conversion" },
      { "value": "purchase", "displayValue": "An order" },
      { "value": "refund", "displayValue": "A refund" },
      { "value": "identify", "displayValue": "Who the customer is" }
    ]
  },
  {
    "type": "TEXT",
    "name": "name",
    "displayName": "Name of the event or goal",
    "simpleValueType": true,
    "enablingConditions": [
      { "paramName": "command", "paramValue": "event", "type": "EQUALS" },
      { "paramName": "command", "paramValue": "conversion", "type": "EQUALS" }
    ]
  },
  {
    "type": "TEXT",
    "name": "user",
    "displayName": "Your own id of the customer (no mail address)",
    "simpleValueType": true,
    "enablingConditions": [{ "paramName": "command", "paramValue": "identify", "type": "EQUALS" }]
  },
  {
    "type": "TEXT",
    "name": "value",
    "displayName": "Value",
    "simpleValueType": true,
    "enablingConditions": [
      { "paramName": "command", "paramValue": "conversion", "type": "EQUALS" },
      { "paramName": "command", "paramValue": "purchase", "type": "EQUALS" },
      { "paramName": "command", "paramValue": "refund", "type": "EQUALS" }
    ]
  },
  {
    "type": "TEXT",
    "name": "currency",
    "displayName": "Currency (ISO 4217)",
    "simpleValueType": true,
    "enablingConditions": [
      { "paramName": "command", "paramValue": "conversion", "type": "EQUALS" },
      { "paramName": "command", "paramValue": "purchase", "type": "EQUALS" },
      { "paramName": "command", "paramValue": "refund", "type": "EQUALS" }
    ]
  },
  {
    "type": "TEXT",
    "name": "orderId",
    "displayName": "Order",
    "simpleValueType": true,
    "enablingConditions": [
      { "paramName": "command", "paramValue": "conversion", "type": "EQUALS" },
      { "paramName": "command", "paramValue": "purchase", "type": "EQUALS" },
      { "paramName": "command", "paramValue": "refund", "type": "EQUALS" }
    ]
  },
  {
    "type": "TEXT",
    "name": "items",
    "displayName": "Items (a variable that is a list of objects)",
    "simpleValueType": true,
    "enablingConditions": [
      { "paramName": "command", "paramValue": "purchase", "type": "EQUALS" },
      { "paramName": "command", "paramValue": "refund", "type": "EQUALS" }
    ]
  },
  {
    "type": "TEXT",
    "name": "refundId",
    "displayName": "Refund",
    "simpleValueType": true,
    "enablingConditions": [{ "paramName": "command", "paramValue": "refund", "type": "EQUALS" }]
  },
  {
    "type": "CHECKBOX",
    "name": "consent",
    "checkboxText": "Pass on what Consent Mode knows, and each change",
    "simpleValueType": true,
    "help": "For consent tools that speak to Tag Manager only. Where the page itself calls gtag('consent', ...), consent_from: [consent_mode] in sites.yaml is enough."
  }
]


___SANDBOXED_JS_FOR_WEB_TEMPLATE___

const addConsentListener = require('addConsentListener');
const createArgumentsQueue = require('createArgumentsQueue');
const encodeUriComponent = require('encodeUriComponent');
const injectScript = require('injectScript');
const isConsentGranted = require('isConsentGranted');

const PURPOSES = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'];
const afterclick = createArgumentsQueue('afterclick', 'afterclick.q');
let said = '';
const tell = () => {
  const consent = {};
  PURPOSES.forEach((purpose) => { consent[purpose] = isConsentGranted(purpose) ? 'granted' : 'denied'; });
  /* All four change together, and each calls. */
  const now = PURPOSES.map((purpose) => consent[purpose]).join();
  if (now !== said) afterclick('consent', consent);
  said = now;
};
if (data.consent) {
  tell();
  PURPOSES.forEach((purpose) => addConsentListener(purpose, tell));
}
const sale = { value: data.value || undefined, currency: data.currency || undefined, order_id: data.orderId || undefined };
if (data.command === 'event') {
  afterclick('event', data.name);
} else if (data.command === 'identify') {
  afterclick('identify', data.user);
} else if (data.command === 'conversion') {
  sale.goal = data.name || undefined;
  afterclick('conversion', sale);
} else if (data.command === 'purchase' || data.command === 'refund') {
  sale.items = data.items || undefined;
  if (data.command === 'refund') sale.refund_id = data.refundId || undefined;
  afterclick(data.command, sale);
}
const url = data.script + '?site=' + encodeUriComponent(data.site);
/* The last argument: loaded once, however many tags there are. */
injectScript(url, data.gtmOnSuccess, data.gtmOnFailure, url);


___WEB_PERMISSIONS___

[
  {
    "instance": {
      "key": { "publicId": "access_globals", "versionId": "1" },
      "param": [
        {
          "key": "keys",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  { "type": 1, "string": "key" },
                  { "type": 1, "string": "read" },
                  { "type": 1, "string": "write" },
                  { "type": 1, "string": "execute" }
                ],
                "mapValue": [
                  { "type": 1, "string": "afterclick" },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": true }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  { "type": 1, "string": "key" },
                  { "type": 1, "string": "read" },
                  { "type": 1, "string": "write" },
                  { "type": 1, "string": "execute" }
                ],
                "mapValue": [
                  { "type": 1, "string": "afterclick.q" },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": false }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": { "isEditedByUser": true },
    "isRequired": true
  },
  {
    "instance": {
      "key": { "publicId": "access_consent", "versionId": "1" },
      "param": [
        {
          "key": "consentTypes",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  { "type": 1, "string": "consentType" },
                  { "type": 1, "string": "read" },
                  { "type": 1, "string": "write" }
                ],
                "mapValue": [
                  { "type": 1, "string": "ad_storage" },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": false }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  { "type": 1, "string": "consentType" },
                  { "type": 1, "string": "read" },
                  { "type": 1, "string": "write" }
                ],
                "mapValue": [
                  { "type": 1, "string": "analytics_storage" },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": false }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  { "type": 1, "string": "consentType" },
                  { "type": 1, "string": "read" },
                  { "type": 1, "string": "write" }
                ],
                "mapValue": [
                  { "type": 1, "string": "ad_user_data" },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": false }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  { "type": 1, "string": "consentType" },
                  { "type": 1, "string": "read" },
                  { "type": 1, "string": "write" }
                ],
                "mapValue": [
                  { "type": 1, "string": "ad_personalization" },
                  { "type": 8, "boolean": true },
                  { "type": 8, "boolean": false }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": { "isEditedByUser": true },
    "isRequired": true
  },
  {
    "instance": {
      "key": { "publicId": "inject_script", "versionId": "1" },
      "param": [
        {
          "key": "urls",
          "value": { "type": 2, "listItem": [{ "type": 1, "string": "https://*/*" }] }
        }
      ]
    },
    "clientAnnotations": { "isEditedByUser": true },
    "isRequired": true
  }
]


___TESTS___

scenarios:
- name: The tracker is loaded for the site
  code: |-
    mock('injectScript', (url, ok) => { assertThat(url).isEqualTo('https://stats.example.com/t.js?site=shop'); ok(); });
    runCode({ script: 'https://stats.example.com/t.js', site: 'shop', command: 'load' });
    assertApi('gtmOnSuccess').wasCalled();
    assertApi('isConsentGranted').wasNotCalled();
- name: An order has what the variables say
  code: |-
    let told;
    mock('createArgumentsQueue', () => (command, sale) => { told = [command, sale.order_id, sale.value, sale.items.length]; });
    mock('injectScript', (url, ok) => ok());
    runCode({ script: 'https://stats.example.com/t.js', site: 'shop', command: 'purchase', orderId: 'A-1', value: 9.5, items: [{ sku: 'mug' }] });
    assertThat(told).isEqualTo(['purchase', 'A-1', 9.5, 1]);
    assertApi('gtmOnSuccess').wasCalled();
- name: A tracker that cannot be loaded is a failure of the tag
  code: |-
    mock('injectScript', (url, ok, failed) => failed());
    runCode({ script: 'https://stats.example.com/t.js', site: 'shop', command: 'load' });
    assertApi('gtmOnFailure').wasCalled();
- name: Consent is passed on, once for four purposes
  code: |-
    let granted = false, told = [], listeners = [];
    mock('isConsentGranted', () => granted);
    mock('addConsentListener', (purpose, call) => { listeners.push(call); });
    mock('createArgumentsQueue', () => (command, consent) => { told.push(command + ' ' + consent.analytics_storage); });
    runCode({ script: 'https://stats.example.com/t.js', site: 'shop', command: 'load', consent: true });
    granted = true;
    listeners.forEach((call) => call('ad_storage', true));
    assertThat(told).isEqualTo(['consent denied', 'consent granted']);


___NOTES___

Imported by hand: Templates, New, Import. Not in the gallery.
