"""One visitor who comes without end costs neither memory nor the others."""

import json
import time

from conftest import PATIENCE, eventually
from test_set_semantics import HUMAN, publish, settled

TIME = 1774000800000  # 2026-03-20 10:00 UTC
TOUCHES = 40000
MOST = 2000


def record(number, kind, visitor, session, **more):
    return (visitor, json.dumps({
        "v": 1, "event_id": f"e{number}", "type": kind, "site": "shop",
        "lane": "server", "user_agent": HUMAN, "visitor_id": visitor,
        "session_id": session, "time": TIME + number,
        "received_at": TIME + number, **more}))


def test_a_visitor_of_forty_thousand_touches_is_credited_by_the_last(stack):
    river = stack(up=False, partitions=1)
    river.cli("migrate")
    river.start_aggregator(0)
    messages = [
        record(n, "page", "machine", f"s{n}",
               url=f"https://shop.example/?utm_source=news&utm_campaign=c{n % 7}")
        for n in range(TOUCHES)]
    messages.append(record(TOUCHES, "conversion", "machine", f"s{TOUCHES}",
                           value="100"))
    began = time.monotonic()
    publish(river, messages)
    settled(river, len(messages))
    assert time.monotonic() - began < 60 * PATIENCE
    assert river.sql("SELECT count(*), sum(value_micros[4]), min(touch_no) "
                     "FROM credit") == [[str(MOST), "100000000", "1"]]
    last = river.sql("SELECT max(touch_event_id) FROM credit WHERE "
                     f"touch_no = {MOST - 1}")
    assert last == [[f"e{TOUCHES - 1}"]]
    assert river.sql("SELECT sum(touches) FROM campaign_roi_daily WHERE model "
                     "= 'linear' AND date_basis = 'touch'") == [
                         [str(TOUCHES + 1)]]
    left_out = river.metric("afterclick_attribution_touches_left_out_total",
                            river.aggregator_urls[0])
    assert left_out >= TOUCHES + 1 - MOST
    # Somebody else's purchase is in the view at once.
    began = time.monotonic()
    publish(river, [record(TOUCHES + 1, "page", "v", "sv",
                           url="https://shop.example/?utm_source=a"),
                    record(TOUCHES + 2, "conversion", "v", "sv", value="1")])
    eventually(lambda: river.sql("SELECT count(*) FROM conversions") ==
               [["2"]], 60)
    assert time.monotonic() - began < 20 * PATIENCE
