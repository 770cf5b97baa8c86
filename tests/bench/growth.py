"""What one more day costs after 30, 90 and 180 days of history, and how soon
another aggregator goes on where one ended."""

import os
import subprocess
import time

from measure import cpu_seconds, say
from processes import Failure
from river import Stack

AT = (30, 90, 180)
MORE = 10  # days measured after each
DAYS = AT[-1] + MORE + 1  # and one for who takes over
PATIENCE = 600


class Growing:
    """A river that is given one day after the other."""

    def __init__(self, stack, build, hits_a_day):
        self.stack = stack
        self.sent = self.sent_days = 0
        count = hits_a_day * DAYS
        self.maker = subprocess.Popen(
            [os.path.join(build, "tests", "bench", "hits"), str(count),
             str(max(1, count // 5)), str(DAYS), stack.site],
            stdout=subprocess.PIPE)
        self.hits_a_day = hits_a_day

    def send(self, days):
        lines = [self.maker.stdout.readline()
                 for _ in range(days * self.hits_a_day)]
        done = subprocess.run(
            ["kcat", "-P", "-q", "-b", self.stack.kafka.brokers, "-t",
             self.stack.known["topic"], "-K", "\t", "-z", "lz4", "-X",
             "partitioner=murmur2_random"], input=b"".join(lines),
            timeout=PATIENCE, check=False)
        if done.returncode != 0:
            raise Failure("putting hits on Kafka failed")
        self.sent += len(lines)

    def cpu(self):
        """Processor seconds of the aggregator and its server processes, but
        for the one that checks: it goes round all days whatever comes, up to
        a second at a time and a tenth of a core."""
        pids = [int(pid) for (pid,) in self.stack.sql(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE "
            "'afterclick-aggregator%' AND application_name NOT LIKE "
            "'% check'")]
        return sum(map(cpu_seconds, pids + [self.stack.aggregators[0].pid]))

    def settle(self):
        self.stack.cli("lag", "--wait", "--timeout", f"{PATIENCE}s",
                       timeout=PATIENCE + 10)

    def days(self, count):
        """Processor seconds for COUNT days, one after the other."""
        before = self.cpu()
        for _ in range(count):
            self.send(1)
            self.settle()
        return self.cpu() - before

    def take_over(self):
        """Seconds from the order to stop to the next one's first commit."""
        def committed():
            return int(self.stack.sql("SELECT sum(next_offset) FROM "
                                      "afterclick.position")[0][0])
        start = time.monotonic()
        self.stack.aggregators[0].stop(20)
        self.stack.start_aggregator()
        self.send(1)
        while committed() <= self.sent - self.hits_a_day:
            if time.monotonic() - start > PATIENCE:
                raise Failure("nobody took over")
            time.sleep(0.01)
        return time.monotonic() - start


def measure(folder, build, hits_a_day):
    stack = Stack.new(os.path.join(folder, "growing"), build=build,
                      say=lambda text: None)
    result = {"hits_a_day": hits_a_day, "cpu_us": {}}
    try:
        stack.up()
        stack.stop("collector")
        growing, past = Growing(stack, build, hits_a_day), 0
        for at in AT:
            growing.send(at - past)
            growing.settle()
            result["cpu_us"][at] = \
                1e6 * growing.days(MORE) / (MORE * hits_a_day)
            past = at + MORE
            say(f"one more day after {at}: {result['cpu_us'][at]:.2f} us CPU "
                "a hit")
        result["touches"] = int(stack.sql(
            "SELECT count(*) FROM afterclick.touch")[0][0])
        result["take_over"] = growing.take_over()
        say(f"take-over of {result['touches']:,} touches: "
            f"{result['take_over']:.2f} s")
    finally:
        stack.down()
    return result
