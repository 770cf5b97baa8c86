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
  "description": "Loads the tracker of an Afterclick collector, or tells it of an event or a conversion.",
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
      { "value": "conversion", "displayValue": "A conversion" }
    ]
  },
  {
    "type": "TEXT",
    "name": "name",
    "displayName": "Name of the event or goal",
    "simpleValueType": true,
    "enablingConditions": [{ "paramName": "command", "paramValue": "load", "type": "NOT_EQUALS" }]
  },
  {
    "type": "TEXT",
    "name": "value",
    "displayName": "Value",
    "simpleValueType": true,
    "enablingConditions": [{ "paramName": "command", "paramValue": "conversion", "type": "EQUALS" }]
  },
  {
    "type": "TEXT",
    "name": "currency",
    "displayName": "Currency (ISO 4217)",
    "simpleValueType": true,
    "enablingConditions": [{ "paramName": "command", "paramValue": "conversion", "type": "EQUALS" }]
  },
  {
    "type": "TEXT",
    "name": "orderId",
    "displayName": "Order",
    "simpleValueType": true,
    "enablingConditions": [{ "paramName": "command", "paramValue": "conversion", "type": "EQUALS" }]
  }
]


___SANDBOXED_JS_FOR_WEB_TEMPLATE___

const createArgumentsQueue = require('createArgumentsQueue');
const encodeUriComponent = require('encodeUriComponent');
const injectScript = require('injectScript');

const afterclick = createArgumentsQueue('afterclick', 'afterclick.q');
if (data.command === 'event') {
  afterclick('event', data.name);
} else if (data.command === 'conversion') {
  afterclick('conversion', { goal: data.name || undefined, value: data.value || undefined,
    currency: data.currency || undefined, order_id: data.orderId || undefined });
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


___NOTES___

Imported by hand: Templates, New, Import. Not in the gallery.
