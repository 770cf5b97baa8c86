#!/usr/bin/python3
"""
markov.py - removal effects beside ChannelAttribution (PyPI), same paths.

Usage: tests/bench/markov.py [--paths N] [--channels N] [--orders 1,2]

Makes N random paths, lets `afterclick train` learn from them, and then
ChannelAttribution with its defaults, which comes from PyPI into a venv under
$XDG_CACHE_HOME/afterclick/channelattribution and is built there. "model" is
the time without reading the file, "command" all of `afterclick train`.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or
                     os.path.expanduser("~/.cache"), "afterclick",
                     "channelattribution")

PEER = """
import json, sys, time
import pandas
import ChannelAttribution as peer
data = pandas.read_csv(sys.argv[1])
began = time.monotonic()
got = peer.markov_model(data, "path", "conversions", var_value="value",
                        var_null="nulls", order=int(sys.argv[2]),
                        out_more=True, verbose=False)
took = time.monotonic() - began
effects = got["removal_effects"]
print(json.dumps({"s": took, "effects": dict(zip(
    effects["channel_name"], effects["removal_effects_conversion"]))}))
"""


def make_paths(name, paths, channels):
    """Lengths geometric with a mean of about 4; few channels are frequent."""
    rng = random.Random(5)
    names = [f"c{i:03d}" for i in range(channels)]
    often = [1 / (i + 1) ** 0.7 for i in range(channels)]
    with open(name, "w", encoding="utf-8") as file:
        file.write("path,conversions,value,nulls\n")
        for _ in range(paths):
            path = rng.choices(names, often,
                               k=min(20, 1 + int(rng.expovariate(0.3))))
            won = rng.random() < 0.05 * (1 + (names[-1] in path))
            file.write(f"{' > '.join(path)},{won:d},{won * 10:d},{not won:d}\n")


def peer_python():
    python = os.path.join(CACHE, "bin", "python")
    if subprocess.run([python, "-c", "import ChannelAttribution"],
                      capture_output=True, check=False).returncode \
            if os.path.exists(python) else True:
        subprocess.run([sys.executable, "-m", "venv", CACHE], check=True)
        pip = [python, "-m", "pip", "install", "-q"]
        subprocess.run(pip + ["-U", "setuptools", "wheel", "cython", "numpy",
                              "pandas", "matplotlib"], check=True)
        subprocess.run(pip + ["--no-build-isolation", "ChannelAttribution"],
                       check=True)
    return python


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--paths", type=int, default=1000000)
    arguments.add_argument("--channels", type=int, default=100)
    arguments.add_argument("--orders", default="1,2")
    opt = arguments.parse_args()
    python = peer_python()
    print("| order | ours, model | ours, command | ChannelAttribution | model "
          "| command | their largest error |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "paths.csv")
        make_paths(name, opt.paths, opt.channels)
        for order in opt.orders.split(","):
            began = time.monotonic()
            ours = json.loads(subprocess.run(
                [os.path.join(ROOT, "build", "afterclick"), "train", "--paths",
                 name, "--order", order, "--bootstrap", "0", "--json"],
                check=True, stdout=subprocess.PIPE).stdout)
            command = time.monotonic() - began
            model = max(ours["took_ms"], 1) / 1000
            answer = subprocess.run([python, "-c", PEER, name, order],
                                    check=True, stdout=subprocess.PIPE).stdout
            peer = json.loads(answer.splitlines()[-1])
            error = max(abs(peer["effects"][row["channel"]] - row["weight"])
                        / row["weight"] for row in ours["channels"]
                        if row["weight"] > 0)
            print(f"| {order} | {model:.3f} s | {command:.2f} s "
                  f"| {peer['s']:.1f} s | {peer['s'] / model:.0f} × "
                  f"| {peer['s'] / command:.0f} × | {error:.0%} |",
                  flush=True)


if __name__ == "__main__":
    main()
