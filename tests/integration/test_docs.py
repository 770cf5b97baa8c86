"""
What the docs say is true: every block of README.md, CONTRIBUTING.md and
docs/*.md is run or checked, by its language.

sh, console   run, all blocks of a page in one shell, one after the other, on
              one running stack; what follows `$ ` lines is what they print
sql, python   run by psql and python3 in the same shell; a block `text` right
              behind is what they print
yaml          settings: --check-config takes them
js, json      parsed

What a page's commands need, and what is run elsewhere, is in docs_lists.py.
"""

import datetime
import gzip
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess

import pytest

import docs_lists
import processes
import river
from conftest import (BUILD_DIR, PATIENCE, ROOT, http, keep_logs,
                      sanitizer_reports)
from docs_pages import (CHECKS, HOW, PAGES, RUN, blocks, command, read,
                        settled_elsewhere)
from test_set_semantics import publish

def commands(block):
    """(command, lines) of a shell block: a line that ends in a backslash goes
    on in the next."""
    lines, parts = block.text.rstrip("\n").split("\n"), []
    for line in lines:
        if parts and parts[-1][-1].endswith("\\"):
            parts[-1].append(line)
        else:
            parts.append([line])
    return [(command(part[0].rstrip("\\")), part) for part in parts]


def script(block):
    """What the shell runs of BLOCK, and what this must print (or None)."""
    elsewhere = settled_elsewhere(block.page)
    if command(block.text.split("\n")[0]) in elsewhere and \
            block.language in ("sql", "python"):
        return "", None
    if block.language == "sql":
        return "psql -X -v ON_ERROR_STOP=1 \"$PG_DSN\" <<'END_OF_SQL'\n" \
            f"{block.text}END_OF_SQL\n", block.prints
    if block.language == "python":
        return f"python3 -c {shlex.quote(block.text)}\n", block.prints
    if block.language == "console":
        run, printed = "", []
        for line in block.text.rstrip("\n").split("\n"):
            if line.startswith("$ "):
                if command(line[2:]) not in elsewhere:
                    run += line[2:] + "\n"
            else:
                printed.append(line)
        return run, "\n".join(printed) if run else None
    return "".join("\n".join(lines) + "\n" for name, lines in commands(block)
                   if name not in elsewhere), None


# --- the stack that they run on -----------------------------------------------
SHOP = {
    "currency": "EUR",
    "redirect_hosts": "[www.example.org]",
    "redirect_key": '"a-key-for-links-of-shop"',
    "experiments": """
      - {name: checkout, goal: purchase, variants: [{name: a}, {name: b}]}
      - {name: spring-offer, holdout: 0.1, campaigns: [spring]}""",
}
EXPORTS = [{"site": "shop", "platform": "google", "account": "1",
            "goals": {"purchase": "Web order"}}]
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 " \
    "Firefox/128.0"
WAYS = [("google", "cpc", "spring"), ("newsletter", "email", "may"),
        ("facebook", "paid_social", "spring"), ("google", "cpc", "brand")]


def hits():
    """Records of a shop that sells enough for a model to learn from: some
    150 orders in the first quarter of 2026, and as many that are just
    final."""
    dice = random.Random(7)
    today = datetime.datetime.now(datetime.timezone.utc).replace(
        hour=12, minute=0, second=0, microsecond=0)
    quarter = datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc)
    for number in range(400):
        start = quarter + datetime.timedelta(dice.randrange(80)) \
            if number % 2 else today - datetime.timedelta(
                dice.randrange(45, 100))
        for visit in range(dice.randint(1, 3)):
            at = int(start.timestamp() * 1000) + visit * 86400000
            common = {"v": 1, "site": "shop", "lane": "browser",
                      "received_at": at, "time": at, "sent_at": at,
                      "visitor_id": f"docs-{number}",
                      "session_id": f"docs-{number}-{visit}",
                      "user_agent": AGENT}
            source, medium, campaign = dice.choice(WAYS)
            yield {**common, "type": "page",
                   "event_id": f"docs-{number}-{visit}", "url":
                   f"https://shop.example/?utm_source={source}&utm_medium="
                   f"{medium}&utm_campaign={campaign}&gclid=Cj{number}"}
        if dice.random() < .8:
            yield {**common, "type": "conversion", "time": at + 60000,
                   "event_id": f"docs-{number}-buy", "goal": "purchase",
                   "order_id": f"D-{number}", "value": "49.90",
                   "currency": "EUR"}


@pytest.fixture(scope="module")
def stack(request, kafka, postgres, session_dir):
    """One stack for all pages."""
    folder = os.path.join(session_dir, "docs")
    postgres.create_database("docs")
    it = river.Stack.new(folder, build=BUILD_DIR, kafka=kafka,
                         postgres=postgres, database="docs", topic="docs",
                         site_options=SHOP,
                         aggregator_options={"exports": EXPORTS})
    try:
        it.up(keep=True)
        publish(it, [(hit["visitor_id"], json.dumps(hit)) for hit in hits()])
        it.wait()
        yield it
        it.stop("collector")
        it.stop("aggregator")
        reports = sanitizer_reports(it)
        if request.session.testsfailed or reports:
            keep_logs("docs", it)
        assert not reports, "a sanitizer complained:\n" + reports
    finally:
        it.down()
        postgres.drop_database("docs")


# What no command of the docs may do where the tests run.
NOT_HERE = ("apt", "apt-get", "dpkg", "docker", "kubectl", "make", "reboot",
            "service", "sudo", "systemctl")
MOVED = re.compile(r"(?<![\w.])(?=/(?:srv|run/secrets|etc/afterclick|var)/)")


PORTS = ("8080", "8081", "9101", "9102")  # collector, aggregator; admin, page


def meant(stack):
    """What the docs say, and what it is on this stack."""
    urls = [stack.collector_url, stack.admin_url, stack.aggregator_urls[0],
            stack.dashboard_url]
    return {"/tmp/ac": stack.folder,
            **{"http://127.0.0.1:" + port: url
               for port, url in zip(PORTS, urls)}}


def here(text, words, folder):
    """TEXT with WORDS put in, and its places below FOLDER."""
    for said, instead in words.items():
        text = text.replace(said, instead)
    return MOVED.sub(str(folder), text)


def furnish(page, stack, folder):
    """The folder that PAGE's shell starts in: the source tree, the programs
    in bin/, and the page's files."""
    for name in os.listdir(ROOT):
        if name not in (".git", "build"):
            os.symlink(os.path.join(ROOT, name), folder / name)
    os.symlink(BUILD_DIR, folder / "build")
    (folder / "bin").mkdir()
    for name in NOT_HERE:
        (folder / "bin" / name).write_text(
            f"#!/bin/sh\necho {name} would change this machine: name the "
            "command in docs_lists.py >&2\nexit 1\n")
        (folder / "bin" / name).chmod(0o755)
    for name in ("afterclick", "afterclick-collector",
                 "afterclick-aggregator"):
        os.symlink(os.path.join(BUILD_DIR, name), folder / "bin" / name)
    for name in ("srv/uploads", "run/secrets", "etc/afterclick", "var"):
        (folder / name).mkdir(parents=True)
    today = datetime.datetime.now(datetime.timezone.utc)
    for name, text in docs_lists.INPUTS.get(page, {}).items():
        text = text.replace("{today}", f"{today:%Y-%m-%d}").replace(
            "{log_time}", f"{today:%d/%b/%Y:00:00:00 +0000}").encode()
        place = folder / name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(gzip.compress(text) if name.endswith(".gz")
                          else text)


class Shell:
    """Runs blocks in one shell, so that variables and what was started in
    the background last for the page."""

    def __init__(self, page, stack, folder, words=None, env=None):
        self.page, self.folder = page, folder
        self.words = words or meant(stack)
        self.env = {
            **os.environ, **stack.env(), "no_proxy": "*", "PAGER": "",
            "PGOPTIONS": "-c jit=off",  # compiling would take longer than running
            "COLLECTOR": stack.collector_url, "KEY": stack.api_key,
            "PATH": f"{folder}/bin:{os.environ['PATH']}", **(env or {})}

    def run(self, todo):
        """[what each of the blocks TODO printed]."""
        text = "step() { echo \"@@ $1\"; echo \"@@ $1\" >&2; }\n"
        for block in todo:
            text += f"step {block.line}\n" + here(
                script(block)[0], self.words, self.folder)
        out, err = self.folder / ".out", self.folder / ".err"
        with open(out, "wb") as one, open(err, "wb") as two:
            shell = subprocess.Popen(
                ["bash", "-eu", "-o", "pipefail", "-c", text],
                env=self.env, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=one,
                stderr=two, start_new_session=True)
        try:
            code = shell.wait(120 * PATIENCE)
        except subprocess.TimeoutExpired:
            code = "no end after 2 minutes"
        finally:
            self.end(shell.pid)
        said = out.read_text(errors="replace")
        if "Sanitizer" in err.read_text(errors="replace"):
            code = "a sanitizer complained"
        if code != 0:
            steps = re.findall(r"^@@ (\d+)$", said, re.M)
            pytest.fail(
                f"{self.page}:{steps[-1] if steps else 1}: the block fails "
                f"(exit {code}):\n" + said.rpartition("@@ ")[2][-1500:] +
                err.read_text(errors="replace").rpartition("@@ ")[2][-3000:]
                + HOW, pytrace=False)
        return [part.partition("\n")[2]
                for part in re.split(r"^@@ (?=\d+$)", said, flags=re.M)[1:]]

    @staticmethod
    def end(group):
        """What the page has left running in the background."""
        for number, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 10)):
            try:
                os.killpg(group, number)
                processes.eventually(lambda: not alive(group),
                                     patience * PATIENCE, "it does not end")
            except ProcessLookupError:
                return
            except processes.Failure:
                continue


def alive(group):
    try:
        os.killpg(group, 0)
        return True
    except ProcessLookupError:
        return False


def tidy(text):
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def agrees(said, wanted):
    """Whether SAID is what the page prints; ... there stands for anything."""
    pattern = re.escape(tidy(wanted)).replace(r"\.\.\.", "(?s:.*)")
    return re.fullmatch(pattern, tidy(said)) is not None


# Pages with a test of their own: below, and in test_backup.py.
ALONE = ("docs/quickstart.md", "docs/backup.md")
RUNNING = [page for page in PAGES if page not in ALONE and
           re.search(rf"^ *```({'|'.join(RUN)})$", read(page), re.M)]


@pytest.mark.parametrize("page", RUNNING)
def test_every_command_of_the_page_runs(stack, tmp_path, page):
    furnish(page, stack, tmp_path)
    run(page, Shell(page, stack, tmp_path))


def test_the_quickstart_leads_from_init_to_a_row(stack, database, tmp_path):
    """Its collector and aggregator are its own; so is its database."""
    page = "docs/quickstart.md"
    furnish(page, stack, tmp_path)
    ports = {port: processes.free_port() for port in PORTS}
    start, password, end = re.fullmatch("(.*:)(.*)(@.*)", database).groups()
    words = {"a-password": password,
             **{f"http://127.0.0.1:{said}": f"http://127.0.0.1:{port}"
                for said, port in ports.items()}}
    listen = dict(zip(("AFTERCLICK_LISTEN", "AFTERCLICK_ADMIN_LISTEN",
                       "AFTERCLICK_AGGREGATOR_LISTEN", "AFTERCLICK_DASHBOARD"),
                      (f"127.0.0.1:{port}" for port in ports.values())))
    run(page, Shell(page, stack, tmp_path, words, {
        **listen, "AFTERCLICK_KAFKA": stack.kafka.brokers,
        "PG_DSN": start.rstrip(":") + end, "PGPASSWORD": password}))


def run(page, shell):
    todo = [block for block in blocks(page)
            if block.language in RUN and script(block)[0]]
    for block, said in zip(todo, shell.run(todo)):
        wanted = script(block)[1]
        assert wanted is None or agrees(said, wanted), \
            f"{page}:{block.line}: the page shows\n{wanted}\n" \
            f"but what is printed is\n{tidy(said)}"


# --- what is checked without being run ----------------------------------------
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_of_the_docs(check):
    check()


SHIPPED = {name: os.path.join(ROOT, "config", name + ".yaml") for name in
           ("collector", "aggregator", "sites", "channels", "campaigns")}


def section(key, text, indent=0):
    """The lines of KEY in a shipped file, up to the next key."""
    pad = " " * indent
    return re.search(rf"^{pad}(?:- )?{key}:.*\n(?:(?:{pad} .*|{pad}- .*|"
                     rf" *#.*)?\n)*", text, re.M)


def keys(text, indent=0):
    return re.findall(rf"^{' ' * indent}(\w+):", text, re.M)


def completed(key, text, shipped):
    """TEXT, a part of the group KEY, with what it leaves as it is SHIPPED."""
    mine, theirs = section(key, text)[0], section(key, shipped)[0]
    there = re.findall(r"^  ([\w.]+):", mine, re.M)
    rest = [line for line in re.findall(r"^  [\w.]+: \S.*$", theirs, re.M)
            if line.split(":")[0].strip() not in there]
    return text.replace(mine, mine.rstrip("\n") + "\n" + "".join(
        line + "\n" for line in rest)) if there else text


def settings(block):
    """(program, {file: text}) that check BLOCK, or None: no settings."""
    text = block.text
    shipped = {}
    for name, path in SHIPPED.items():
        with open(path, encoding="utf-8") as file:
            shipped[name] = file.read()
    named = keys(text)
    if not named:
        return None
    if named == ["sites"] or set(named) <= set(
            keys(shipped["sites"], 4)) | {"id"}:
        if named != ["sites"]:
            text = "sites:\n  - id: shop\n" + re.sub(
                r"^(?=.)", "    ", text, flags=re.M)
        for key, value in (("timezone", "UTC"), ("currency", "EUR")):
            if not re.search(rf"^    {key}:", text, re.M):
                text = re.sub(r"^  - id: .*$", rf"\g<0>\n    {key}: {value}",
                              text, flags=re.M)
        return "collector", {**shipped, "sites": text}
    for name, lists in (("channels", {"channels", "hosts"}),
                        ("campaigns", {"campaigns"})):
        if set(named) <= lists:
            return "aggregator", {**shipped, name: text}
    for program in ("aggregator", "collector"):
        if set(named) <= set(keys(shipped[program])):
            whole = shipped[program]
            for key in named:
                whole = whole.replace(section(key, whole)[0], "")
                text = completed(key, text, shipped[program])
            return program, {**shipped, program: whole + text}
    return None


@pytest.mark.parametrize("page", [page for page in PAGES if re.search(
    "^ *```yaml$", read(page), re.M)])
def test_settings_of_the_page_are_taken(page, tmp_path):
    for block in blocks(page):
        if block.language == "yaml" and command(
                block.text.split("\n")[0]) not in settled_elsewhere(page):
            folder = tmp_path / str(block.line)
            folder.mkdir()
            take(block, folder)


def take(block, tmp_path):
    found = settings(block)
    assert found, f"{block.page}:{block.line}: these are not keys of one of " \
        "the files in config/; if it is another program's file, name the " \
        "block's first line" + HOW
    program, files = found
    environment = {}
    for name, text in files.items():
        for secret in set(re.findall(r"\$\{file:([^}]*)\}", text)):
            if "/" not in secret or secret.startswith("/run/"):
                (tmp_path / os.path.basename(secret)).write_text("s" * 32)
                text = text.replace(secret, os.path.basename(secret))
        for variable in re.findall(r"\$\{(\w+)\}", text):
            environment[variable] = "s" * 32
        (tmp_path / f"{name}.yaml").write_text(text)
    if block.text.startswith("campaigns:"):
        whole = (tmp_path / "aggregator.yaml")
        whole.write_text(whole.read_text().replace(
            'campaigns_file: ""', "campaigns_file: campaigns.yaml"))
    done = subprocess.run(
        [os.path.join(BUILD_DIR, "afterclick-" + program), "--config",
         tmp_path / f"{program}.yaml", "--check-config"], text=True,
        capture_output=True, timeout=30 * PATIENCE, check=False,
        env={**os.environ, **environment})
    assert done.returncode == 0, \
        f"{block.page}:{block.line}: {done.stdout}{done.stderr}"


def test_scripts_and_json_in_the_docs_can_be_parsed(tmp_path):
    for page in PAGES:
        for block in blocks(page):
            if block.language == "json":
                json.loads(block.text)
            if block.language == "js":
                file = tmp_path / "block.mjs"
                file.write_text(block.text)
                done = subprocess.run(["node", "--check", file], text=True,
                                      capture_output=True, timeout=30,
                                      check=False)
                assert done.returncode == 0, \
                    f"{page}:{block.line}: {done.stderr}"


def inline(page):
    text = re.sub(r"^ *```.*?^ *```$", "", read(page), flags=re.M | re.S)
    return [re.sub(r"\s+", " ", code) for code in
            re.findall(r"`([^`]+)`", text)]


def test_every_command_that_the_text_mentions_exists():
    program = os.path.join(BUILD_DIR, "afterclick")

    def ask(*words):
        return subprocess.run([program, *words], text=True, timeout=30,
                              capture_output=True, check=False).stdout
    names = re.findall(r"^  ([a-z-]+) ", ask("help"), re.M)
    makefile = read("Makefile")
    helps = {}
    for page in PAGES:
        for code in inline(page):
            words = code.split()
            if words[0] == "make" and len(words) > 1 and \
                    re.fullmatch(r"[a-z-]+", words[1]):
                assert re.search(rf"^{words[1]}:", makefile, re.M), \
                    f"{page}: there is no `{code}`"
            if words[0] != "afterclick" or len(words) < 2 or \
                    words[1].startswith("-"):
                continue
            assert words[1] in names, f"{page}: there is no `{code}`"
            if words[1] not in helps:
                helps[words[1]] = ask("help", words[1])
            for option in re.findall(r"(?<=\s)(--[a-z-]+)", code):
                assert option in ("--config", "--help") or \
                    re.search(rf"{option}\b", helps[words[1]]), \
                    f"{page}: `{code}`: there is no {option}"


# --- the examples of docs/tracking.md, hit by hit -----------------------------
def examples():
    return [block for block in blocks("docs/tracking.md")
            if block.language in ("sh", "python") and
            re.search(r"curl|urlopen|def link", block.text)]


def test_every_example_of_tracking_sends_what_it_says(tmp_path):
    from test_collector_http import KEYS, Collector
    one = Collector(tmp_path)
    for block in examples():
        if "debug/hits" in block.text:
            continue
        done = subprocess.run(
            ["sh", "-eu", "-c", block.text] if block.language == "sh" else
            ["python3", "-c", block.text], capture_output=True, text=True,
            timeout=60, check=False, env={
                **os.environ, "COLLECTOR": one.url, "KEY": KEYS[0],
                "no_proxy": "*"})
        assert (done.returncode, done.stderr) == (0, "")
    assert [(r["lane"], r["type"], r.get("order_id")) for r in
            sorted(one.records(), key=lambda r: r["received_at"])] == [
        ("pixel", "event", None), ("browser", "page", None),
        ("server", "conversion", "A-1001"), ("server", "conversion", "A-1002"),
        ("server", "refund", "A-1001")]
    assert one.stop() == 0


def test_a_link_signed_as_the_example_does_is_followed(tmp_path):
    from test_collector_http import Collector
    from test_collector_strangers import MORE_SITES
    one = Collector(tmp_path, sites=MORE_SITES)
    [text] = [block.text for block in examples() if "def link" in block.text]
    made = subprocess.run(["python3", "-c", text], capture_output=True,
                          text=True, timeout=60, check=True).stdout.strip()
    answer = http(made.replace("https://stats.example.org", one.url))
    assert answer.headers["Location"] == "https://partner.example/x"
    assert one.stop() == 0
