"""
The pages of the docs, and what can be said of them without running anything:
each block says its language, what is run elsewhere is there, each link leads
somewhere, docs/README.md names each page, pictures say what they show.

As a program it checks just that, for `make check`; test_docs.py runs the rest.
"""

import collections
import os
import re
import sys
import xml.etree.ElementTree

import docs_lists

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PAGES = ["README.md", "CONTRIBUTING.md"] + sorted(
    "docs/" + name for name in os.listdir(os.path.join(ROOT, "docs"))
    if name.endswith(".md"))
RUN = ("sh", "console", "sql", "python")
READ = ("yaml", "js", "json", "html", "text", "csv", "ini")
HOW = """
Every block of the docs is run by tests/integration/test_docs.py: see there
which languages there are, and in docs_lists.py how to give a page's commands
their files (INPUTS), or to name the test that runs one of them (RUN_BY), or
why none does (NOT_RUN)."""

Block = collections.namedtuple("Block", "page line language text prints")


# --- what the pages hold ------------------------------------------------------
def read(page):
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        return file.read()


def blocks(page):
    """The fenced blocks of PAGE. Code that is set in without a fence fails,
    as nobody could say what it is."""
    found, open_at, listed, before = [], None, False, ""
    for number, line in enumerate(read(page).split("\n"), 1):
        fence = re.fullmatch(r"( *)```(\w*)", line)
        if fence and open_at is None:
            assert fence[2], f"{page}:{number}: say the block's language " \
                "behind ```" + HOW
            open_at, indent, language, text = number, fence[1], fence[2], []
        elif fence:
            behind = found[-1] if found else None
            if language == "text" and behind is not None and \
                    behind.language in ("sql", "python") and \
                    behind.prints is None and \
                    open_at - last <= 2:
                found[-1] = behind._replace(prints="\n".join(text))
            else:
                found.append(Block(page, open_at, language,
                                   "\n".join(text) + "\n", None))
            open_at, last = None, number
        elif open_at is not None:
            text.append(line[len(indent):])
        else:
            if re.match(r" *([-*]|\d+\.) ", line):
                listed = True
            elif line and not line.startswith(" "):
                listed = False
            assert listed or before or not line.startswith("    "), \
                f"{page}:{number}: set code in ``` and say its language" + HOW
        before = line
    assert open_at is None, f"{page}:{open_at}: ``` without an end"
    return found


def settled_elsewhere(page):
    return {**docs_lists.RUN_BY.get(page, {}),
            **docs_lists.NOT_RUN.get(page, {})}


def command(line):
    return re.sub(r"\s+#.*", "", line).strip()


def every_block_says_a_language_that_is_run_or_read():
    for page in PAGES:
        for block in blocks(page):
            if command(block.text.split("\n")[0]) in settled_elsewhere(page):
                continue
            assert block.language in RUN + READ, \
                f"{page}:{block.line}: nothing is known of " \
                f"{block.language}" + HOW


def what_is_run_elsewhere_is_in_the_docs_and_runs_there():
    for page in sorted({*docs_lists.INPUTS, *docs_lists.RUN_BY,
                        *docs_lists.NOT_RUN}):
        assert page in PAGES, f"docs_lists.py: there is no {page}"
        there = {command(line.removeprefix("$ ").rstrip("\\"))
                 for block in blocks(page) for line in block.text.split("\n")}
        for name in settled_elsewhere(page):
            assert name in there, f"docs_lists.py: {page} has no `{name}`"
        for name, where in docs_lists.RUN_BY.get(page, {}).items():
            file, _, test = where.partition("::")
            found = [os.path.join(folder, file) for folder in (
                ROOT, os.path.join(ROOT, "tests", "integration"),
                os.path.join(ROOT, "tests", "faults"),
                os.path.join(ROOT, "tests", "browser"),
                os.path.join(ROOT, "tests"))
                if os.path.isfile(os.path.join(folder, file))]
            assert found, f"docs_lists.py: {name}: there is no {file}"
            with open(found[0], encoding="utf-8") as text:
                assert not test or f"def {test}(" in text.read(), \
                    f"docs_lists.py: {name}: {file} has no {test}"


def anchors(page):
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.*)$", read(page), re.M)}


def every_link_of_the_docs_leads_somewhere():
    for page in PAGES:
        text = re.sub(r"^```.*?^```$", "", read(page), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"\w+:", target):
                continue
            path, _, anchor = target.partition("#")
            path = os.path.normpath(os.path.join(
                os.path.dirname(page), path)) if path else page
            assert os.path.exists(os.path.join(ROOT, path)), \
                f"{page}: {target} leads nowhere"
            assert not anchor or anchor in anchors(path), \
                f"{page}: {path} has no #{anchor}"


def the_index_names_every_page():
    index = read("docs/README.md")
    for page in PAGES:
        name = page.removeprefix("docs/")
        assert page.startswith("docs/") is False or name == "README.md" or \
            f"]({name})" in index, f"docs/README.md does not name {page}: " \
            "give it a line there"


def pictures_say_what_they_show_in_light_and_in_dark():
    folder = os.path.join(ROOT, "docs", "pictures")
    shown = " ".join(read(page) for page in PAGES)
    for name in os.listdir(folder):
        tree = xml.etree.ElementTree.parse(os.path.join(folder, name))
        svg, space = tree.getroot(), "{http://www.w3.org/2000/svg}"
        assert svg.get("role") == "img" and svg.get("viewBox"), name
        told = {svg.find(space + part).get("id"): svg.findtext(space + part)
                for part in ("title", "desc")}
        assert svg.get("aria-labelledby").split() == list(told), name
        assert all(told.values()), name
        assert "prefers-color-scheme: dark" in svg.findtext(space + "style")
        assert re.search(rf"!\[[^\]]+\]\(pictures/{name}\)", shown), \
            f"no page shows {name} and says in [] what is on it"


CHECKS = (every_block_says_a_language_that_is_run_or_read,
          what_is_run_elsewhere_is_in_the_docs_and_runs_there,
          every_link_of_the_docs_leads_somewhere, the_index_names_every_page,
          pictures_say_what_they_show_in_light_and_in_dark)


def main():
    failed = 0
    for check in CHECKS:
        try:
            check()
        except AssertionError as error:
            print(f"docs: {error}", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
