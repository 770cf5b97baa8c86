"""The clients of docs/server-api.md and the shops' examples, run by their own
languages against a real collector."""

import json
import os
import re
import subprocess
import sys

import pytest

from conftest import PATIENCE, ROOT
from test_collector_http import KEYS, Collector

EXAMPLES = os.path.join(ROOT, "deploy", "examples")
with open(os.path.join(ROOT, "docs", "server-api.md"), encoding="utf-8") as f:
    CLIENTS = re.findall(r"^```(?!text)(\w+)\n(.*?)^```$", f.read(),
                         re.M | re.S)
PROGRAMS = {
    "sh": lambda file: ["sh", "-eu", file],
    "python": lambda file: [sys.executable, file],
    "php": lambda file: ["php", "-d", "display_errors=stderr", "-d",
                         "error_reporting=-1", file],
    "js": lambda file: ["node", file],
}


@pytest.fixture
def collector(tmp_path):
    one = Collector(tmp_path)
    yield one
    assert one.stop() == 0
    assert "Sanitizer" not in one.log()


def call(argv, collector, **environment):
    return subprocess.run(
        argv, capture_output=True, text=True, timeout=60 * PATIENCE,
        check=False, env={**os.environ, "COLLECTOR": collector.url,
                          "KEY": KEYS[0], "no_proxy": "*", **environment})


def run(argv, collector, **environment):
    done = call(argv, collector, **environment)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout


def ours(collector, *fields):
    return [tuple(record.get(field) for field in fields)
            for record in collector.records()]


def test_there_is_a_client_of_each_language():
    assert [language for language, _ in CLIENTS] == ["sh", "python", "php",
                                                     "js"]


@pytest.mark.parametrize("language, order, kind", [
    ("sh", "C-1", "conversion"), ("python", "P-1", "conversion"),
    ("php", "H-1", "conversion"), ("js", "P-1", "refund")])
def test_a_client_of_the_docs_sends_and_a_wrong_key_is_an_error(
        collector, tmp_path, language, order, kind):
    file = tmp_path / ("client." + {"js": "mjs"}.get(language, language))
    file.write_text(dict(CLIENTS)[language])
    run(PROGRAMS[language](str(file)), collector)
    assert ours(collector, "lane", "type", "order_id") == [
        ("server", kind, order)]
    done = call(PROGRAMS[language](str(file)), collector, KEY="another-key")
    assert done.returncode != 0 and "401" in done.stdout + done.stderr
    assert len(collector.records()) == 1


# --- WooCommerce --------------------------------------------------------------
WORDPRESS = r"""<?php
// As much of WordPress and WooCommerce as the plugin uses.
define('ABSPATH', __DIR__);
define('AFTERCLICK_COLLECTOR', getenv('COLLECTOR'));
define('AFTERCLICK_SITE', 'shop');
define('AFTERCLICK_KEY', getenv('KEY'));
$hooks = $scheduled = $orders = [];
function add_action($name, $call, $priority = 10, $args = 1) {
    $GLOBALS['hooks'][$name][] = [$call, $args];
}
function fire($name, ...$args) {
    foreach ($GLOBALS['hooks'][$name] as [$call, $count]) {
        $call(...array_slice($args, 0, $count));
    }
}
function wp_json_encode($value) { return json_encode($value); }
function wp_remote_post($url, $o) {
    $lines = '';
    foreach ($o['headers'] as $name => $value) {
        $lines .= "$name: $value\r\n";
    }
    $body = @file_get_contents($url, false, stream_context_create(['http' => [
        'method' => 'POST', 'header' => $lines, 'content' => $o['body'],
        'timeout' => $o['timeout'], 'ignore_errors' => true]]));
    return $body === false ? null
        : ['code' => explode(' ', $http_response_header[0])[1],
           'body' => $body];
}
function is_wp_error($a) { return $a === null; }
function wp_remote_retrieve_response_code($a) { return $a['code'] ?? ''; }
function wp_remote_retrieve_body($a) { return $a['body'] ?? ''; }
function wp_schedule_single_event($at, $hook, $args) {
    $GLOBALS['scheduled'][] = [$hook, $args];
}
function wc_get_order($id) { return $GLOBALS['orders'][$id] ?? false; }
class Order {
    public $meta = [];
    function __construct(public $id, public $total) {}
    function update_meta_data($k, $v) { $this->meta[$k] = $v; }
    function get_meta($k) { return $this->meta[$k] ?? ''; }
    function save() {}
    function get_order_number() { return $this->id; }
    function get_total() { return $this->total; }
    function get_amount() { return $this->total; }
    function get_currency() { return 'EUR'; }
    function get_customer_id() { return 7; }
    function get_billing_email() { return 'A.Person@example.org'; }
}
ini_set('error_log', '/dev/stdout');
require getenv('PLUGIN');

$_COOKIE['_ac_v'] = 'abcdefghijklmnopqrstuv.1700000000.mac';
$orders[41] = new Order(41, '99.9');
$orders[42] = new Order(42, '10');
fire('woocommerce_checkout_create_order', $orders[41]);
unset($_COOKIE['_ac_v']); // a gateway's callback
fire('woocommerce_payment_complete', 41);
fire('woocommerce_order_status_processing', 41);
fire('woocommerce_order_refunded', 41, 42);
foreach ($scheduled as [$hook, $args]) {
    echo "again: {$args[0]['event_id']}\n";
}
"""


def test_the_woocommerce_plugin_reports_orders_and_refunds(collector, tmp_path):
    plugin = os.path.join(EXAMPLES, "woocommerce", "afterclick.php")
    run(["php", "-l", plugin], collector)
    page = tmp_path / "page.php"
    page.write_text(WORDPRESS)
    argv = PROGRAMS["php"](str(page))
    assert run(argv, collector, PLUGIN=plugin) == ""
    assert ours(collector, "type", "event_id", "order_id", "value", "currency",
                "visitor_id", "user_id", "refund_id") == [
        ("conversion", "wc-order-41", "41", "99.90", "EUR",
         "abcdefghijklmnopqrstuv", "7", None),
        ("refund", "wc-refund-42", "41", "10.00", "EUR", None, None, "42")]
    order = collector.records()[0]
    assert "email_sha256" in order and "Person" not in json.dumps(order)
    # A collector that is away: WordPress' schedule tries again.
    said = run(argv, collector, PLUGIN=plugin, COLLECTOR="http://127.0.0.1:1")
    assert "again: wc-order-41\nagain: wc-refund-42\n" in said
    # A wrong key is told to the log, and not tried for ever.
    said = run(argv, collector, PLUGIN=plugin, KEY="another-key-of-shop")
    assert "status 401" in said and "again" not in said


# --- Shopify ------------------------------------------------------------------
SANDBOX = r"""
import { readFileSync } from 'node:fs'
const subscribed = {}
const analytics = { subscribe (name, call) { subscribed[name] = call } }
const text = readFileSync(process.env.PIXEL, 'utf8')
  .replace('https://stats.example.org', process.env.COLLECTOR)
new Function('analytics', text)(analytics)
const context = {
  document: {
    location: { href: 'https://shop.example/?utm_source=letter&utm_medium=email' },
    referrer: 'https://mail.example/', title: 'Kettles'
  },
  navigator: { language: 'en-GB' }
}
const event = (name, n, data) => subscribed[name](
  { id: 'sh-' + n + '/ü', clientId: '2c-f0', name, context, data })
await event('page_viewed', 1, {})
await event('product_added_to_cart', 2, {})
await event('checkout_started', 3, {})
await event('checkout_completed', 4, { checkout: {
  token: 't', order: { id: 'gid-1001' },
  totalPrice: { amount: 49.9, currencyCode: 'EUR' },
  lineItems: [{ title: 'Kettle', quantity: 2,
    variant: { id: 'v9', price: { amount: 24.95, currencyCode: 'EUR' } } }]
} })
"""


def test_the_shopify_pixel_sends_what_shopify_tells_it(collector, tmp_path):
    pixel = os.path.join(EXAMPLES, "shopify", "pixel.js")
    run(["node", "--check", pixel], collector)
    sandbox = tmp_path / "sandbox.mjs"
    sandbox.write_text(SANDBOX)
    run(["node", str(sandbox)], collector, PIXEL=pixel)
    assert ours(collector, "type", "name", "event_id", "visitor_id", "title",
                "order_id", "value", "currency") == [
        ("page", None, "sh-1--", "c.2c-f0", "Kettles", None, None, None),
        ("event", "add_to_cart", "sh-2--", "c.2c-f0", "Kettles", None, None,
         None),
        ("event", "checkout", "sh-3--", "c.2c-f0", "Kettles", None, None,
         None),
        ("conversion", None, "sh-4--", "c.2c-f0", "Kettles", "gid-1001",
         "49.90", "EUR")]
    assert json.loads(collector.records()[3]["items"]) == [
        {"id": "v9", "name": "Kettle", "quantity": 2, "price": 24.95}]
