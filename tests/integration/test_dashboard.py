"""The dashboard's API on a real stack: who is let in, what it answers, and
that it is the same as what the views say."""

import csv
import io
import json
import re
import subprocess
import urllib.parse
from decimal import Decimal

from conftest import eventually, http, roi, server_events
from dashboard_shop import FORMULA, HOSTILE, OPTIONS, shop

def ask(river, path, status=200, **query):
    answer = http(
        f"{river.dashboard_url}{path}" +
        ("?" + urllib.parse.urlencode(query) if query else ""), headers={
            "Authorization": "Bearer " + river.known["dashboard_token"]})
    assert answer.status == status, answer.body
    return answer


def told(river, path, **query):
    return json.loads(ask(river, path, **query).body, parse_float=Decimal)


def test_it_says_what_the_views_say(stack):
    river = stack(partitions=1, site_options=OPTIONS)
    shop(river, server_events)
    about = told(river, "/api/about")
    assert [site["site"] for site in about["sites"]] == ["shop"]
    assert about["models"][1]["model"] == "last_touch"
    assert about["read_until"]
    overview = told(river, "/api/overview", site="shop", model="linear")
    assert overview["now"]["net_revenue"] == 61
    assert overview["now"]["cost"] == 10
    assert overview["now"]["roas"] == Decimal("6.1")
    assert overview["now"]["cpa"] == 5
    assert overview["before"] is None
    assert len(overview["days"]) == 30
    assert sum(day[4] for day in overview["days"]) == 61
    assert {day[1] for day in overview["days"]} <= {"open", "provisional"}
    campaigns = told(river, "/api/campaigns", site="shop", model="linear")
    seen = {tuple(row[1:4]): (row[7], row[12], row[13])
            for row in campaigns["rows"]}
    wanted = {key: tuple(Decimal(value) for value in row)
              for key, row in roi(river, "linear").items()}
    assert seen == wanted
    models = told(river, "/api/models", site="shop")
    [email] = [row for row in models["rows"] if row[1] is None]
    assert email[0] == "Email" and email[5]["first_touch"][0] == 61
    paths = told(river, "/api/paths", site="shop")
    assert paths["paths"] == [["Email", 2, Decimal("61.00")]]
    quality = told(river, "/api/quality", site="shop")
    assert quality["roi_check"] in (0, None)
    assert quality["waiting_costs"] == 0 and quality["dead_letters"] == []
    arms = eventually(lambda: [
        arm for arm in told(river, "/api/experiments", site="shop")["rows"]
        if arm["customers"] > 0], 60)
    assert [(arm["experiment"], arm["variant"], arm["control"],
             arm["customers"]) for arm in arms] == [
        ("button", "a", None, 2), ("button", "b", "a", 1)]
    days = told(river, "/api/quality-days", site="shop")
    assert days["rows"][0]["hits"] >= 5 and days["marks"] == []
    assert told(river, "/api/tag-health", site="shop")["rows"] == []

    # What is mailed says the same.
    days = [day[0] for day in overview["days"]]
    mailed = river.cli("report", "--from", days[0], "--to", days[-1],
                       "--site", "shop", "--csv").replace("\r\n", "\n")
    arms_mailed = list(csv.DictReader(io.StringIO(
        mailed.partition("experiments\n")[2].partition("\n\n")[0])))
    assert [(arm["experiment"], arm["variant"], int(arm["customers"]),
             arm["status"]) for arm in arms_mailed] == [
        (arm["experiment"], arm["variant"], arm["customers"], arm["status"])
        for arm in arms]
    page = river.cli("report", "--from", days[0], "--to", days[-1], "--site",
                     "shop", "--html", "-")
    assert '<th scope="row"><bdi>button</bdi></th>' in page

    # CSV: all columns, and no cell is a formula.
    answer = ask(river, "/api/campaigns.csv", site="shop")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert {row["campaign"] for row in rows} == {
        "spring", HOSTILE, "'" + FORMULA.lower()}
    assert "margin" not in rows[0]

    # What makes no sense is refused by name; nothing else is taken.
    for query in ({"site": "shop", "x": "1"}, {"site": "shop", "model": "m"},
                  {"site": "shop", "from": "2020-01-01", "to": "2026-01-01"}):
        assert b"error" in ask(river, "/api/overview", 400, **query).body
    assert ask(river, "/api/about", 400, site="shop")
    assert ask(river, "/api/other", 404)
    assert told(river, "/api/overview", site="nobody")["now"] is None
    # The role that asks can read the views and nothing else.
    about = river.postgres.known["databases"][river.known["database"]]
    reader = about["role"] + "_reader"
    assert river.sql("SELECT count(*) FROM pg_class c WHERE relkind IN "
                     "('r', 'v') AND relnamespace = 'afterclick'::regnamespace"
                     f" AND has_table_privilege('{reader}', c.oid, 'SELECT')"
                     " AND relkind = 'r'") == [["0"]]
    assert "may write" not in river.aggregators[0].output()


def test_only_who_is_known_is_let_in(stack):
    river = stack(aggregator_options={"dashboard": {
        "listen": "127.0.0.1:0", "token": "correct horse battery",
        "user_header": "X-Forwarded-User",
        "trusted_proxies": ["127.0.0.0/31"]}})
    ready = river.aggregators[0].output().partition("dashboard=")[2].split()
    url = "http://" + ready[0]

    def get(path, **headers):
        return http(url + path, headers={
            key.replace("_", "-"): value for key, value in headers.items()})

    def login(token, **headers):
        return http(url + "/login", "POST",
                    urllib.parse.urlencode({"token": token}), headers={
                        "Content-Type": "application/x-www-form-urlencoded",
                        **headers})
    assert get("/").status == 303
    assert get("/").headers["Location"] == "/login"
    assert get("/app.js").status == 303
    page = get("/login")
    assert page.status == 200
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert get("/api/about").status == 401
    for wrong in ("", "correct horse batter", "correct horse battery!"):
        assert login(wrong).status == 401
        assert get("/api/about",
                   Authorization="Bearer " + wrong).status == 401
    answer = login("correct horse battery")
    assert answer.status == 303
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert "Secure" not in cookie and "horse" not in cookie
    secure = login("correct horse battery", **{"X-Forwarded-Proto": "https"})
    assert "; Secure" in secure.headers["Set-Cookie"]
    value = cookie.partition(";")[0]
    assert get("/", Cookie=value).status == 200
    assert get("/api/about", Cookie=value).status == 200
    # Neither another signature nor a later end.
    until, _, mac = value.partition("=")[2].partition(".")
    for forged in (f"{until}.{'0' * 64}", f"{int(until) + 1}.{mac}", until,
                   f"{until}.{mac[:-1]}", "." + mac):
        assert get("/api/about",
                   Cookie="ac_dashboard=" + forged).status == 401
    tag = get("/app.js", Cookie=value).headers["ETag"]
    assert get("/app.js", Cookie=value, If_None_Match=tag).status == 304
    # A proxy's word, if it says one name.
    assert get("/api/about", X_Forwarded_User="ann").status == 200
    assert get("/api/about", X_Forwarded_User="").status == 401
    # No other method.
    assert http(url + "/api/about", "PUT").status == 405
    assert http(url + "/api/about", "POST").status == 405
    log = river.aggregators[0].output()
    assert "horse" not in log


def test_who_guesses_waits_and_nobody_else_does(stack):
    token = "correct horse battery"
    river = stack(aggregator_options={"dashboard": {
        "listen": "127.0.0.1:0", "token": token,
        "trusted_proxies": ["127.0.0.0/31"]}})
    ready = river.aggregators[0].output().partition("dashboard=")[2].split()
    url = "http://" + ready[0]

    def bearer(word, client, path="/api/about"):
        return http(url + path, headers={"Authorization": "Bearer " + word,
                                         "X-Forwarded-For": client})

    def login(word, client):
        return http(url + "/login", "POST",
                    urllib.parse.urlencode({"token": word}), headers={
                        "Content-Type": "application/x-www-form-urlencoded",
                        "X-Forwarded-For": client})

    def refused(reason):
        body = http(river.aggregator_urls[0] + "/metrics").body.decode()
        return int(re.search("^afterclick_dashboard_refused_total"
                             rf'\{{reason="{reason}"\}} (\d+)$', body, re.M)[1])
    cookie = login(token, "203.0.113.1").headers["Set-Cookie"]
    # The form and the header draw from one bucket; all of a /64 is one client.
    guesses = [login("guess", "2001:db8:1:2::1").status for _ in range(5)]
    guesses += [bearer("guess", "2001:db8:1:2::2").status for _ in range(5)]
    assert guesses == [401] * 10
    assert refused("token") == 10 and refused("rate") == 0
    # Now not even the right one is looked at, wherever it is put.
    answer = bearer(token, "2001:db8:1:2::3")
    assert answer.status == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 6
    assert "wait" in json.loads(answer.body)["error"]
    assert bearer(token, "2001:db8:1:2::3", "/").status == 429
    assert login(token, "2001:db8:1:2::3").status == 429
    assert refused("token") == 10 and refused("rate") == 3
    # Neighbours, and who is signed in, notice nothing.
    assert bearer(token, "2001:db8:1:3::1").status == 200
    assert login(token, "203.0.113.2").status == 303
    assert http(url + "/api/about", headers={
        "Cookie": cookie.partition(";")[0],
        "X-Forwarded-For": "2001:db8:1:2::3"}).status == 200
    # What is right costs nothing, however often.
    assert {bearer(token, "203.0.113.3").status for _ in range(30)} == {200}
    assert "guess" not in river.aggregators[0].output()


def test_a_dashboard_without_a_way_in_is_no_configuration(stack):
    river = stack(up=False, aggregator_options={"dashboard": {
        "listen": "127.0.0.1:0"}})
    done = subprocess.run(
        [river.program("afterclick-aggregator"), "--check-config",
         "--config", river.path("config", "aggregator.yaml")],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 78
    assert "nobody could sign in" in done.stderr


def test_without_postgres_the_page_says_so_and_comes_back(stack):
    river = stack(own=True)
    query = urllib.parse.urlencode({"site": "shop"})
    assert told(river, "/api/overview", site="shop")["days"]
    river.stop("postgres")
    answer = http(f"{river.dashboard_url}/api/overview?{query}", headers={
        "Authorization": "Bearer " + river.known["dashboard_token"]})
    assert answer.status == 503
    assert json.loads(answer.body) == {"error": "PostgreSQL does not answer"}
    assert ask(river, "/").status == 200
    river.start("postgres")
    eventually(lambda: http(
        f"{river.dashboard_url}/api/overview?{query}", headers={
            "Authorization": "Bearer " + river.known["dashboard_token"]}
    ).status == 200, 60)
