"""Money in and out, a file of many rows each: rows/s, memory, processor."""

import datetime
import json
import os
import random
import subprocess
import time
import urllib.parse

from measure import ROOT, number, say, table
from processes import Failure
from servers import Postgres

SITES = """\
sites:
  - {id: shop, hosts: [shop.example], timezone: UTC, currency: USD}
"""
CONFIG = """\
kafka: {{bootstrap.servers: "127.0.0.1:1"}}
postgres: {{dsn: "{dsn}"}}
sites_file: sites.yaml
channels_file: {root}/config/channels.yaml
exports: [{{site: shop, platform: google, goals: {{purchase: Order}}}}]
"""
# Half of them came with a click of Google's.
SOLD = """\
SET search_path TO afterclick;
INSERT INTO conversion (site, event_id, goal, ts, order_id, dedup_key,
    value_micros, currency, verified, lane, purchase, lookback_ms, click_id)
SELECT 'shop', 'e' || n, 'purchase', now() - n * interval '2 seconds'
    - interval '1 hour', 'o' || n, 'o' || n, n::bigint * 10000, 'USD', true, 'import',
    true, 2592000000, CASE WHEN n % 2 = 0 THEN 'gclid=CjwKCAiA' || n END
FROM generate_series(1, {rows}) n;
INSERT INTO outcome (site, event_id, customer, state, day, value_micros,
    refunded_micros, new_customer, purchase, refund_days, refund_micros)
SELECT site, event_id, md5(event_id)::uuid, 0, ts::date, value_micros, 0,
    false, true, '{{}}', '{{}}' FROM conversion;
ANALYZE conversion, outcome;
"""


class Money:
    """A migrated database, and files of ROWS rows."""

    def __init__(self, folder, build, rows):
        self.folder, self.build, self.rows = folder, build, rows
        self.dice = random.Random(7)
        self.today = datetime.datetime.now(datetime.timezone.utc).date()

    def day(self, ago):
        return self.today - datetime.timedelta(1 + ago)

    def amount(self, most):
        """As a platform writes it, with separators: quoted where needed."""
        text = f"{self.dice.randrange(most) / 100:,.2f}"
        return f'"{text}"' if "," in text else text

    def costs(self):
        yield "Campaign report\n"
        yield "Day,Campaign,Campaign ID,Currency code,Cost,Impr.,Clicks\n"
        for i in range(self.rows):
            yield (f"{self.day(i // 2000)},Campaign {i % 2000},"
                   f"{70000 + i % 2000},USD,{self.amount(900000)},"
                   f"{self.dice.randrange(9000)},{i % 977}\n")

    def rates(self):
        yield "date,currency,rate\n"
        names = [a + b + c for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJ"
                 for c in "ABCDEFGHIJ"]
        for i in range(self.rows):
            yield (f"{self.day(i // 1000)},{names[i % 1000]},"
                   f"{self.dice.randrange(1, 999999) / 10000}\n")

    def orders(self):
        yield "order_id,order_date,status,order_total,order_currency\n"
        for i in range(self.rows):
            yield (f"{i},{self.day(i // 2000)} {i % 24:02}:{i % 60:02}:11,"
                   f"completed,{self.dice.randrange(99999) / 100},USD\n")

    def conversions(self):
        yield ("Google Click ID,Conversion Name,Conversion Time,"
               "Conversion Value,Conversion Currency,Order ID\n")
        for i in range(self.rows):
            yield (f"CjwKCAiA{i:09}_BwE,purchase,{self.day(i % 300)} "
                   f"{i % 24:02}:{i % 60:02}:11+00:00,"
                   f"{self.dice.randrange(99999) / 100},USD,o{i}\n")

    def write(self, name):
        path = os.path.join(self.folder, name + ".csv")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(getattr(self, name)())
        return path

    def afterclick(self, *arguments):
        """(last line as JSON, seconds, processor's seconds, peak MiB)"""
        start = time.monotonic()
        with subprocess.Popen(
                [os.path.join(self.build, "afterclick"), "--config",
                 os.path.join(self.folder, "aggregator.yaml"), *arguments],
                stdout=subprocess.PIPE, text=True) as process:
            text = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        if process.returncode != 0:
            raise Failure(f"{arguments[0]} ended with {process.returncode}: "
                          f"{text[-2000:]}")
        said = json.loads(text.splitlines()[-1]) if "--json" in arguments \
            else {}
        return said, seconds, used.ru_utime + used.ru_stime, \
            used.ru_maxrss / 1024


def step(money, name, *arguments, count, read_only=False):
    """One command over all rows; COUNT finds them in its answer."""
    said, seconds, cpu, peak = money.afterclick(*arguments, "--json")
    if count(said) != money.rows:
        raise Failure(f"{name}: {said}")
    read = said["read_ms"] / 1000 if "read_ms" in said else \
        seconds if read_only else None
    say(f"{name}: {seconds:.2f} s" +
        (f", of it {read:.2f} s reading" if read else "") +
        f", {peak:.0f} MiB")
    return {"name": name, "seconds": seconds, "cpu": cpu, "peak_mib": peak,
            "read_per_second": money.rows / read if read else None}


def steps(money, postgres):
    shop = ("--site", "shop")
    costs, orders, sold, rates = (money.write(name) for name in (
        "costs", "orders", "conversions", "rates"))

    def rows(said):
        return said["rows"]
    yield step(money, "import-costs, Google's export", "import-costs", *shop,
               "--platform", "google", costs, count=rows)
    yield step(money, "the same file again", "import-costs", *shop,
               "--platform", "google", costs,
               count=lambda said: said["unchanged"])
    yield step(money, "import-fx", "import-fx", rates,
               count=lambda said: said["rates"])
    yield step(money, "import-conversions --dry-run", "import-conversions",
               *shop, "--dry-run", sold, count=rows, read_only=True)
    yield step(money, "reconcile", "reconcile", orders, *shop, "--preset",
               "woocommerce", count=rows)
    say("putting conversions into the tables")
    postgres.psql(SOLD.format(rows=money.rows), database="bench")
    out = os.path.join(money.folder, "out")
    os.mkdir(out)
    period = ("--from", str(money.day(60)), "--to", str(money.today))
    yield step(money, "export google --out", "export", "google", *shop,
               *period, "--out", out,
               count=lambda said: said["sent"] + said["held_back"])
    yield step(money, "the same again", "export", "google", *shop, *period,
               "--out", out,
               count=lambda said: said["sent_before"] + said["held_back"])


def measure(folder, build, args):
    postgres = Postgres(os.path.join(folder, "postgres-1"))
    try:
        postgres.create()
        postgres.start()
        postgres.wait()
        dsn, password = postgres.create_database("bench")
        where = urllib.parse.urlsplit(dsn)
        dsn = dsn.replace(where.netloc, where.netloc.replace(
            "@", f":{password}@"))
        money = Money(folder, build, args.rows)
        for name, text in (("sites", SITES), ("aggregator", CONFIG.format(
                dsn=dsn, root=ROOT))):
            with open(os.path.join(folder, name + ".yaml"), "w",
                      encoding="utf-8") as file:
                file.write(text)
        money.afterclick("migrate", "--database-only")
        return {"rows": args.rows,
                "steps": list(steps(money, postgres))}
    finally:
        postgres.remove()


def goals(result):
    million = result["rows"] >= 1000000
    read = [one["read_per_second"] for one in result["steps"]
            if one["read_per_second"]]
    return [
        ("slowest importer's reading, rows/s", min(read), ">=", 200000),
        ("largest command's memory at a million rows, MiB",
         max(one["peak_mib"] for one in result["steps"]) if million else None,
         "<=", 100)]


def report(result):
    rows = result["rows"]
    return table(
        [f"{rows:,} rows", "read, rows/s", "whole, rows/s", "CPU µs/row",
         "MiB"],
        [[one["name"], number(one["read_per_second"], 0),
          number(rows / one["seconds"], 0), number(1e6 * one["cpu"] / rows, 2),
          number(one["peak_mib"], 0)] for one in result["steps"]]) + (
        "\n\n\"Read\" is from the first byte to the last row in the staging "
        "table; \"whole\" is the command, with PostgreSQL's part (fsync on).\n")
