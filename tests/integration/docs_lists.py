"""
What test_docs.py knows about single commands of the docs.

Every block of README.md, CONTRIBUTING.md and docs/*.md is run, page by page,
in one shell a page. Three things may be said here about a page:

INPUTS    files its commands read: {page: {name: content}}. They lie in the
          folder the page's shell starts in; an absolute path below /srv,
          /run/secrets, /etc/afterclick or /var lies below that folder, too.
RUN_BY    a command that another test runs: {page: {command: test}}, the test
          as "test_file.py::test_name" (below tests/) or a tool's path.
NOT_RUN   a command that no test runs: {page: {command: why}}.

A command is the first line of it, without a comment behind it. An entry that
no page needs any more fails the test as well.
"""

DEMO = "test_native.py::test_the_demo_finds_nothing_lost_and_leaves_nothing"
STACK = "test_native.py::" \
    "test_a_restart_keeps_the_addresses_and_the_env_file_current"
BENCH = "a benchmark: minutes on a quiet machine, run by hand; the page holds " \
    "its figures"

COSTS = """\
date,source,medium,campaign,cost,clicks,impressions
2026-02-01,google,cpc,brand,10.50,20,900
"""

UP = "docker compose -f deploy/docker-compose.yml up --wait --build"
UP_TEST = "compose/test_stack.py::" \
    "test_from_nothing_to_the_first_row_takes_no_minute"
MAKE_SECRETS = "test_compose.py::test_who_reads_a_secret_is_given_it"

INPUTS = {
    "README.md": {
        "access.log.gz":
            '203.0.113.7 - - [{log_time}] "GET /?utm_source=letter&utm_medium='
            'email HTTP/1.1" 200 512 "-" "Mozilla/5.0 (X11; Linux x86_64; '
            'rv:128.0) Gecko/20100101 Firefox/128.0"\n',
        "costs.csv": COSTS,
    },
    "docs/costs.md": {
        "report.csv": "Campaign report\n\"One day\"\nDay,Campaign,Cost,"
                      "Impr.,Clicks\n2026-02-02,Brand,12.30,900,20\n",
        "eurofxref-hist.csv": "Date,USD,JPY,\n2026-02-02,1.1801,183.37,\n",
    },
    "docs/orders.md": {
        "orders_export.csv": "Name,Email,Financial Status,Created at,Total,"
                             "Currency,Cancelled at\n#1001,a@example.org,"
                             "paid,2026-02-02 10:00:00 +0000,49.90,USD,\n",
        "sales.csv": "goal,time,value,currency,order_id,gclid\n"
                     "purchase,{today}T00:00:00Z,120,USD,F-1,Cj0abc\n",
    },
}

CLIENTS = "test_server_api_docs.py::" \
    "test_a_client_of_the_docs_sends_and_a_wrong_key_is_an_error"

RUN_BY = {
    "docs/quality.md": {
        "afterclick verify-site https://www.example.org/ --site shop --pages "
        "50": "test_quality.py::"
        "test_the_tag_is_found_on_the_pages_of_a_site",
    },
    "README.md": {
        "make demo": DEMO,
        "make test": "tools/run-tests",
        "make": "tools/run-tests",
        "deploy/native/stack down --dir /tmp/ac": STACK,
        "deploy/docker/make-secrets": MAKE_SECRETS,
        UP: UP_TEST,
    },
    "CONTRIBUTING.md": {
        "make": "tools/run-tests",
        "make check": "tools/run-tests",
        "make test": "tools/run-tests",
        "make SAN=address,undefined unit": "tools/run-tests",
    },
    "docs/collector.md": {
        "afterclick live --site shop --follow":
            "test_live.py::test_each_hit_that_comes_is_followed_once",
    },
    "docs/costs.md": {
        "afterclick import-costs --site shop --platform meta --watch "
        "/srv/exports/meta":
            "test_costs.py::test_a_watched_folder_is_imported_once",
    },
    "docs/dashboard.md": {
        "CREATE ROLE afterclick_reader LOGIN PASSWORD '...';   -- once, by a "
        "superuser": "deploy/native/servers.py",
    },
    "docs/docker.md": {
        "deploy/docker/make-secrets": MAKE_SECRETS,
        UP: UP_TEST,
        "docker compose -f deploy/docker-compose.yml exec aggregator":
            "compose/test_stack.py::test_the_programs_find_nothing_to_mend",
        "docker compose -f docker-compose.yml -f docker-compose.hosts.yml up "
        "--wait --build": "compose/test_hosts.py::"
                          "test_the_ledger_is_exact_whatever_dies",
    },
    "docs/exports.md": {
        "afterclick export meta --site shop --from 2026-03-25 --to "
        "2026-03-31 --post https://graph.facebook.com":
            "test_export.py::test_a_bad_event_does_not_hold_the_others",
    },
    "docs/operations.md": {
        "make deb": "test_package.py::"
                    "test_the_package_has_programs_units_and_configuration",
    },
    "docs/quickstart.md": {
        "tools/install-deps run": ".ci/run",
        "make": "tools/run-tests",
        "sudo make install":
            "test_package.py::test_install_and_uninstall_leave_nothing",
        "sudo -u postgres psql -c \"CREATE ROLE afterclick LOGIN PASSWORD "
        "'a-password'\" -c \"CREATE DATABASE afterclick OWNER afterclick\"":
            "deploy/native/servers.py",
    },
    "docs/server-api.md": {
        "<?php": CLIENTS,
    },
}

NOT_RUN = {
    "docs/benchmarks.md": {
        "make bench": BENCH,
        "make bench-collector": BENCH,
        "make bench-imports": BENCH,
        "make bench-dashboard": BENCH,
        "make bench-aggregator": BENCH,
        "make bench-aggregator HITS=5000000": BENCH,
        "tests/bench/run --quick": BENCH,
        "tests/bench/run collector --flat 10000000": BENCH,
        "tests/bench/run aggregator --hits 5000000": BENCH,
        "tests/bench/run --peers --write docs/benchmarks.md": BENCH,
    },
    "docs/operations.md": {
        "make deb-test": "installs a Debian of its own as root, for minutes",
        "apt install ./afterclick_*.deb": "installs on this machine; `make "
                                          "deb-test` does so in a Debian of "
                                          "its own",
        "systemctl enable --now afterclick-collector afterclick-aggregator":
            "needs systemd as the first process; test_package.py checks the "
            "units",
    },
    "docs/tracking.md": {
        "KEY=...": "stands for the reader's own key",
    },
}
