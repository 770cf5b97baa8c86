<?php
/**
 * Plugin Name: Afterclick
 * Description: Reports paid orders and refunds of WooCommerce, signed.
 *
 * Put this file into wp-content/mu-plugins and say in wp-config.php:
 *
 *   define('AFTERCLICK_COLLECTOR', 'https://stats.example.org');
 *   define('AFTERCLICK_SITE', 'shop');
 *   define('AFTERCLICK_KEY', '...');   // one of the site's api_keys
 *
 * The collector must share the shop's domain (cookie_domain), so that its
 * cookie reaches the shop too.
 */

if (!defined('ABSPATH')) {
    exit;
}

/** The visitor of the cookie, as the collector's records have it. */
function afterclick_visitor(): string
{
    $cookie = (string) ($_COOKIE['_ac_v'] ?? '');
    return preg_match('/^([A-Za-z0-9_-]{22})\./', $cookie, $m) ? $m[1] : '';
}

/** A decimal without exponent, as the collector reads it. */
function afterclick_amount($value): string
{
    return number_format((float) $value, 2, '.', '');
}

/** True when EVENT is on the collector's disk, or will never be. */
function afterclick_send(array $event): bool
{
    $body = wp_json_encode(['events' => [['site' => AFTERCLICK_SITE] + $event]]);
    $t = (string) time();
    $answer = wp_remote_post(AFTERCLICK_COLLECTOR . '/v1/events', [
        'timeout' => 5,
        'redirection' => 0,
        'headers' => [
            'Content-Type' => 'application/json',
            'Afterclick-Signature' => "t=$t,v1=" .
                hash_hmac('sha256', "$t.$body", AFTERCLICK_KEY),
        ],
        'body' => $body,
    ]);
    $status = is_wp_error($answer)
        ? 0 : (int) wp_remote_retrieve_response_code($answer);
    $told = $status === 200 || ($status >= 400 && $status < 500 &&
        $status !== 408 && $status !== 429);
    $report = $status === 200
        ? json_decode(wp_remote_retrieve_body($answer), true) : null;
    if ($status !== 200 || !empty($report['rejected'])) {
        error_log("afterclick: {$event['event_id']}: status $status " .
            ($told ? wp_remote_retrieve_body($answer) : 'tried again later'));
    }
    return $told;
}

/** Sends EVENT now, or by WordPress' schedule in a few minutes. */
function afterclick_report(array $event, int $try = 1): void
{
    if (!afterclick_send($event) && $try < 12) {
        wp_schedule_single_event(time() + 60 * $try, 'afterclick_retry',
            [$event, $try + 1]);
    }
}
add_action('afterclick_retry', 'afterclick_report', 10, 2);

// While the customer is here: a gateway's callback has no cookies.
add_action('woocommerce_checkout_create_order', function ($order) {
    $visitor = afterclick_visitor();
    if ($visitor !== '') {
        $order->update_meta_data('_afterclick_visitor', $visitor);
    }
});

function afterclick_order(int $order_id): void
{
    $order = wc_get_order($order_id);
    if (!$order || $order->get_meta('_afterclick_sent') !== '') {
        return;
    }
    $order->update_meta_data('_afterclick_sent', '1');
    $order->save();
    afterclick_report(array_filter([
        'type' => 'conversion',
        'event_id' => "wc-order-$order_id",
        'order_id' => (string) $order->get_order_number(),
        'value' => afterclick_amount($order->get_total()),
        'currency' => $order->get_currency(),
        'visitor_id' => (string) $order->get_meta('_afterclick_visitor'),
        'user_id' => $order->get_customer_id()
            ? (string) $order->get_customer_id() : '',
        'email' => (string) $order->get_billing_email(),
    ], fn ($text) => $text !== ''));
}
add_action('woocommerce_payment_complete', 'afterclick_order');
add_action('woocommerce_order_status_processing', 'afterclick_order');
add_action('woocommerce_order_status_completed', 'afterclick_order');

add_action('woocommerce_order_refunded', function ($order_id, $refund_id) {
    $order = wc_get_order($order_id);
    $refund = wc_get_order($refund_id);
    if (!$order || !$refund || (float) $refund->get_amount() <= 0) {
        return;
    }
    afterclick_report([
        'type' => 'refund',
        'event_id' => "wc-refund-$refund_id",
        'refund_id' => (string) $refund_id,
        'order_id' => (string) $order->get_order_number(),
        'value' => afterclick_amount($refund->get_amount()),
        'currency' => $order->get_currency(),
    ]);
}, 10, 2);
