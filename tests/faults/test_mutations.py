"""
The fault tests see what they are for: with a line taken out of the sources
one of them turns red. Each builds a copy of the tree, so they belong to the
long form (AFTERCLICK_FAULTS=long); the quick one sees that the lines are there.
"""

import os

import pytest

from test_broker import behind_proxy, without_an_answer
from test_kills import power_cuts, small_lossy_world
from test_tables import lost_commits
from world import LEFT_OUT, LONG, ROOT, mutant

SEGMENT = "collector/spool_segment.c"

#     what is taken out: file, text, instead, what then happens
POWER_CUT = {
    "fdatasync": (
        SEGMENT, "if (sync && spool_calls.fdatasync(seg->fd) != 0)",
        "if (sync && seg->fd < 0)", "A: "),
    "directory_fsync": (
        "collector/spool_dir.c", "spool_calls.fsync(dir->fd) != 0",
        "dir->fd < 0", "A: "),
    "crc": (
        SEGMENT, "crc_of(seed, record, payload) != head.crc", "false",
        "(B: |it died by itself)"),
}
FLOOR = ("aggregator/intake/dedup.c",
         "case DEDUP_REPEAT:\n\t\treturn *repeat = true;",
         "case DEDUP_REPEAT:\n\t\treturn true;")
POSITION = ("aggregator/store/sql/position_advance.sql",
            "\tAND p.epoch = n.epoch AND p.next_offset = n.old_offset\n",
            "\tAND p.epoch = n.epoch\n")


@pytest.mark.parametrize("path, old", [
    one[:2] for one in [*POWER_CUT.values(), FLOOR, POSITION]])
def test_what_is_taken_out_is_there(path, old):
    """The long form is not run each day; the lines it removes may move."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        assert file.read().count(old) == 1


@pytest.fixture
def broken(tmp_path, build_dir):
    """broken(FILE, OLD, NEW) is a build without that line."""
    return lambda path, old, new: mutant(str(tmp_path), build_dir, path, old,
                                         new)


if not LONG:
    LEFT_OUT.append("test_mutations.py: its builds belong to the long form "
                    "(AFTERCLICK_FAULTS=long)")
else:
    @pytest.mark.parametrize("what", POWER_CUT)
    def test_a_power_cut_shows_what_is_missing(world, load, library, broken,
                                               what):
        path, old, new, verdict = POWER_CUT[what]
        river = small_lossy_world(world, library,
                                  build=broken(path, old, new))
        with pytest.raises(AssertionError, match="^" + verdict):
            power_cuts(river, load, 40, at_points=False)

    def test_duplicates_show_that_the_floor_rule_is_missing(
            world, load, kafka, proxy, broken):
        river = behind_proxy(world, kafka, up=True, build=broken(*FLOOR))
        with pytest.raises(AssertionError, match="^C: .* hits counted"):
            without_an_answer(river, load, proxy, 3)

    def test_a_late_commit_shows_that_the_position_is_not_compared(
            world, load, postgres, broken):
        with pytest.raises(AssertionError, match="^C: .* hits counted"):
            lost_commits(world, load, postgres, 8, build=broken(*POSITION))
