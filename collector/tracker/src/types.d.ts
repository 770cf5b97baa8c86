/* Types of what is inside the tracker; those for pages are in index.d.ts. */
export interface Consent {
  ad_storage?: string;
  analytics_storage?: string;
  ad_user_data?: string;
  ad_personalization?: string;
}

export interface Hit {
  type: string;
  event_id: string;
  time: number;
  sent_at?: number;
  consent?: Consent;
  [field: string]: unknown;
}

/* What the collector puts before the script, from sites.yaml. */
export interface Config {
  site?: string;
  consent?: 'granted' | 'denied' | 'wait';
  dnt?: boolean;
  /* The extension is needed. */
  extension?: boolean;
  consent_from?: ('tcf' | 'consent_mode')[];
  link_hosts?: string[];
  goals?: Goal[];
}

/* Goals that only the page can see; the others the aggregator judges. */
export interface Goal {
  name: string;
  form?: string;
  download?: string;
  outbound?: string;
  time_on_site?: number;
  scroll?: number;
}

/* What the core lends the extension. */
export interface Core {
  config: Config;
  me: HTMLScriptElement;
  endpoint: string;
  commands: { [name: string]: (...args: any[]) => void };
  hit(type: string, more?: { [field: string]: any }): void;
  pick(from: any, names: string): any;
  on(target: EventTarget, name: string, f: (e: any) => void): void;
  id(): string;
  denied(): boolean;
  /* Whether anything may be stored: consent is known and not denied. */
  may(): boolean;
  waiting(): boolean;
  /* URL without the sign of a linked domain. */
  plain(url: string): string;
  ready(): void;
}

declare global {
  const EXTENSION: string;
  interface Window {
    afterclick: any;
    dataLayer: any;
    __tcfapi: any;
  }
  interface Navigator {
    globalPrivacyControl?: boolean;
  }
  interface Document {
    prerendering?: boolean;
  }
}
