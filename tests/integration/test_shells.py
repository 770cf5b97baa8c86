"""What shells complete by, in the shells themselves, and the manual's pages:
both are made from the tables that the programs read their options by."""

import os
import pty
import re
import select
import signal
import subprocess

import pytest

from conftest import BUILD_DIR, ROOT, eventually

AFTERCLICK = os.path.join(BUILD_DIR, "afterclick")


def run(*argv, **options):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60,
                          **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def script(tmp_path):
    def make(shell):
        path = tmp_path / ("completion." + shell)
        path.write_text(run(AFTERCLICK, "completion", shell))
        return path
    return make


def commands():
    listed = run(AFTERCLICK, "help").split("\n\n")[1].splitlines()
    return [line.split()[0] for line in listed if "help COMMAND" not in line]


def options(command):
    return re.findall(r"^  (--[a-z-]+)", run(AFTERCLICK, command, "--help"),
                      re.M)


CASES = [
    (["expor"], ["export"]),
    (["help", "reconcil"], ["reconcile"]),
    (["--config", "x", "reconcil"], ["reconcile"]),
    (["export", "goo"], ["google", "google-data-manager"]),
    (["export", "google", "--credit", ""], ["full", "share"]),
    (["export", "google", "--cre"], ["--credit"]),
    (["report", "--html", "conf"], ["conftest.py"]),
    (["export", "google", "--out", "bench"], ["bench"]),
    (["import-costs", "conf"], ["conftest.py"]),
]


def test_bash_completes_commands_options_and_values(script):
    text = f"source {script('bash')}\n" + """
        complete -p afterclick | grep -q _afterclick || exit 1
        COMP_WORDS=(afterclick "$@"); COMP_CWORD=$#
        _afterclick
        printf '%s\\n' "${COMPREPLY[@]}"
        """

    def complete(words, folder="tests/integration"):
        return run("bash", "--norc", "-c", text, "bash", *words,
                   cwd=os.path.join(ROOT, folder)).split()
    for words, wanted in CASES:
        folder = "tests" if "bench" in words else "tests/integration"
        assert complete(words, folder) == wanted, words
    assert set(complete([""])) == {"help", *commands()}
    for command in commands():
        assert set(complete([command, "-"])) == {"--help", *options(command)}
    assert complete(["export", "google", "--site", ""]) == []


def test_fish_completes_the_same(script):
    path = script("fish")
    run("fish", "--no-config", "-n", str(path))

    def complete(line, folder="tests/integration"):
        said = run("fish", "--no-config", "-c",
                   f"source {path}; complete -C '{line}'",
                   cwd=os.path.join(ROOT, folder))
        return [one.split("\t")[0].rstrip("/") for one in said.splitlines()]
    for words, wanted in CASES:
        folder = "tests" if "bench" in words else "tests/integration"
        line = " ".join(["afterclick", *words])
        assert complete(line, folder) == wanted, line
    for command in commands():
        assert set(options(command)) <= set(complete(
            f"afterclick {command} --")), command


def test_zsh_completes_at_its_prompt(script, tmp_path):
    path = script("zsh")
    run("zsh", "-f", "-n", str(path))
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.execvpe("zsh", ["zsh", "-f", "-i"], {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "PS1": "> ",
            "TERM": "dumb"})
    said = b""

    def told(text):
        nonlocal said
        while select.select([terminal], [], [], 0)[0]:
            try:
                said += os.read(terminal, 65536)
            except OSError:
                break
        return text in said.decode(errors="replace")

    def types(keys, wanted):
        os.write(terminal, keys.encode())
        eventually(lambda: told(wanted), 60,
                   lambda: f"no {wanted!r} in {said!r}")
    try:
        types("autoload -Uz compinit; compinit -u -D; "
              f"source {path}; echo its $_comps[afterclick]\n",
              "its _afterclick")
        types("afterclick expo\t", "afterclick export ")
        types("\x15afterclick export goo\t", "export google")
        types("\x15afterclick export google --cre\t", "--credit")
        types(" sh\t", " share")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def pages(folder):
    made = {}
    for name, argv in {
            "afterclick.1": ["afterclick", "man", "afterclick"],
            "afterclick-sites.5": ["afterclick", "man", "sites"],
            "afterclick-collector.8": ["afterclick-collector", "--man"],
            "afterclick-aggregator.8": ["afterclick-aggregator", "--man"],
            }.items():
        path = folder / name
        path.write_text(run(os.path.join(BUILD_DIR, argv[0]), *argv[1:]))
        made[name] = path
    return made


def shown(path):
    """As a terminal shows it, without its bold and breaks."""
    text = run("mandoc", "-T", "utf8", "-O", "width=200", str(path))
    return re.sub(".\b", "", text)


def test_the_manual_has_no_faults(tmp_path):
    for name, path in pages(tmp_path).items():
        lint = subprocess.run(
            ["mandoc", "-T", "lint", "-W", "style", str(path)],
            capture_output=True, text=True, timeout=60, check=False)
        faults = [line for line in lint.stdout.splitlines()
                  # They are not where man looks before they are installed.
                  if "referenced manual not found: Xr afterclick" not in line]
        assert faults == [], name


def test_the_manual_has_every_command_option_and_setting(tmp_path):
    made = pages(tmp_path)
    program = shown(made["afterclick.1"])
    sections = re.split(r"^   (\S+)$", program, flags=re.M)
    found = dict(zip(sections[1::2], sections[2::2]))
    assert list(found) == commands()
    for command, text in found.items():
        assert re.findall(r"^     (--[a-z-]+)", text, re.M) == \
            options(command), command
    collector = shown(made["afterclick-collector.8"])
    for setting in ("listen: text", "spool.dir: file", "Default: 8GiB",
                    "One of disk, kafka, memory."):
        assert setting in collector
    assert "exports[].goals: pairs" in shown(made["afterclick-aggregator.8"])
    assert "sites[].goals[].name: text" in shown(made["afterclick-sites.5"])


def test_words_that_are_none_are_told():
    for argv, wanted in ((("completion", "tcsh"), "bash, zsh, fish"),
                         (("man", "intro"), "afterclick and sites")):
        done = subprocess.run([AFTERCLICK, *argv], capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == 2 and wanted in done.stderr
