/** What an ordered, viewed or refunded thing is; further members are kept. */
export interface Item {
  sku?: string;
  name?: string;
  quantity?: number;
  price?: number;
  [member: string]: string | number | undefined;
}

export type Props = { [name: string]: string | number };

export interface Sale {
  /** Yours; a hit that comes twice under one id counts once. */
  event_id?: string;
  value?: number | string;
  /** ISO 4217. */
  currency?: string;
  /** An order counts once, however often its page is loaded. */
  order_id?: string;
  items?: Item[];
  new_customer?: boolean;
  props?: Props;
}

export type Purpose = 'granted' | 'denied';

export interface Consent {
  ad_storage?: Purpose;
  analytics_storage?: Purpose;
  ad_user_data?: Purpose;
  ad_personalization?: Purpose;
  /** The TCF string that says so. */
  tc?: string;
}

export interface Afterclick {
  (command: 'page'): void;
  (command: 'conversion', sale: Sale & { goal?: string }): void;
  (command: 'purchase', sale: Sale): void;
  (command: 'refund', refund: Sale & { order_id: string; refund_id?: string }): void;
  (command: 'view' | 'cart' | 'checkout', sale?: Sale): void;
  (command: 'signup' | 'newsletter' | 'form' | 'download', more?: Sale): void;
  (command: 'event', name: string, props?: Props, more?: Sale): void;
  (command: 'exposure', arm: { experiment: string; variant: string }): void;
  (command: 'identify', user: string | number): void;
  (command: 'consent', consent: Consent): void;
  /** Notes that GOAL was begun; `returned` on a later page completes it. */
  (command: 'mark', goal: string): void;
  (command: 'returned', sale: Sale & { goal: string }): void;
}

export interface Options {
  /** Where the collector serves the tracker: https://stats.example.com/t.js */
  src: string;
  site?: string;
  endpoint?: string;
  consent?: 'granted' | 'denied' | 'wait';
  spa?: boolean;
  nonce?: string;
}

/** Puts the tracker on the page, once; calls made before it came wait. */
export function load(options: Options): Afterclick;

/** Calls the tracker; waits for it if it has not come yet. Nothing on a server. */
export const afterclick: Afterclick;
