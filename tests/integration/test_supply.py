"""What is in the programs is what the docs say, and every table of data has
its licence in NOTICE."""

import os
import re
import subprocess

from conftest import BUILD_DIR, ROOT

# Made by us: no file of another's is in them.
OWN = {
    "aggregator/journey/data/hosts_more.tsv",  # what the others' list lacks
    "tests/data/browsers.txt", "tests/data/classify.tsv",
    "tests/data/costs", "tests/data/exports", "tests/data/paths.csv",
    "tests/data/records",
}


def test_the_programs_are_linked_with_what_the_docs_say():
    done = subprocess.run(
        [os.path.join(ROOT, "tools", "make-dependencies"), "--check",
         BUILD_DIR], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_data_of_others_is_in_notice_with_its_licence():
    with open(os.path.join(ROOT, "NOTICE"), encoding="utf-8") as file:
        notice = file.read()
    files = {f"{folder}/{name}" for folder in
             ("aggregator/journey/data", "tests/data")
             for name in os.listdir(os.path.join(ROOT, folder))}
    named = {name for name in files if name in notice}
    assert files - named == OWN
    assert not named & OWN
    for name in named:
        part = notice[notice.index(name):]
        assert "Copyright" in part or "public domain" in part, name
    assert "public domain under CC0" in notice


def test_each_control_in_the_docs_has_the_test_it_names():
    with open(os.path.join(ROOT, "docs", "security.md"),
              encoding="utf-8") as file:
        table = re.findall(r"^\| [^|]+ \| [^|]+ \| ([^|]+) \|$",
                           file.read().partition("## Threats")[2].partition(
                               "## Secrets")[0], re.M)[2:]
    assert len(table) > 15
    for cell in table:
        named = re.findall(r"`([^`]+)`", cell)
        assert named, cell
        for name in named:
            file, _, test = name.partition("::")
            folders = ("tests/integration", "tests/unit", "tests/fuzz", "")
            path = [place for place in (
                os.path.join(ROOT, folder, file + end) for folder in folders
                for end in ("", ".c")) if os.path.exists(place)]
            assert path, name
            if test:
                with open(path[0], encoding="utf-8") as text:
                    assert f"def {test}(" in text.read(), name
