"""Raw data of an experiment: what 4,000 customers saw and bought, as hits and
as a table of what each must count for. The same for the same seed."""

import random

DAY = 86400


def micros(amount):
    return round(amount * 100) / 100


class Data:
    CUSTOMERS = 4000
    CAP = 150.0
    WINDOW = 30 * DAY  # of the covariate

    def __init__(self, now, seed=7):
        self.random = random.Random(seed)
        self.start = now - 20 * DAY
        self.events, self.links = [], []
        self.table = []  # customers in one arm: arm, converted, y, x
        self.excluded = 0
        for number in range(self.CUSTOMERS):
            self.customer(number)
        self.random.shuffle(self.events)

    def hit(self, number, at, **more):
        self.events.append({"event_id": f"e{len(self.events)}",
                            "visitor_id": f"v{number}",
                            "time": int(at * 1000), **more})

    def see(self, number, at, arm, **more):
        self.hit(number, at, type="exposure", experiment="checkout",
                 variant=arm, **more)

    def buy(self, number, at, value, **more):
        order = f"o{len(self.events)}"
        self.hit(number, at, type="conversion", goal="purchase",
                 order_id=order, value=f"{value:.2f}", currency="USD", **more)
        return order

    def amount(self, habit):
        return micros(self.random.lognormvariate(2.5 + habit, 0.6))

    def customer(self, number):
        draw = self.random.random
        arm = "ab"[draw() < 0.5]
        at = self.start + number * 60
        habit = self.random.gauss(0, 0.7)
        second = {}  # another device of the customer, linked afterwards
        before = after = 0.0
        bought = False
        torn = number < 40 or 40 <= number < 80
        self.see(number, at, arm)
        if draw() < 0.3:
            self.see(number, at + 3600, arm)  # again: changes nothing
        if number < 40:
            self.see(number, at + 60, "ab"[arm == "a"])
        if 40 <= number < 120:
            second = {"visitor_id": f"w{number}"}
            self.see(number, at - 300,
                     "ab"[arm == "a"] if number < 80 else arm, **second)
            at -= 300
            self.links += [{"type": "identify", "event_id": f"l{k}{number}",
                            "visitor_id": f"{k}{number}",
                            "user_id": f"u{number}",
                            "time": int((at + 9 * DAY) * 1000)}
                           for k in "vw"]
        if draw() < 0.35:
            value = self.amount(habit)
            self.buy(number, at - DAY, value, **second)
            before += value
        if draw() < 0.05:  # too long ago to be a covariate
            self.buy(number, at - 40 * DAY, 99.0)
        if draw() < (0.2 if arm == "a" else 0.24):
            bought = True
            for _ in range(1 + (draw() < 0.2)):
                value = self.amount(habit + (arm == "b") * 0.1)
                order = self.buy(number, at + 2 * DAY * draw() + 4000, value,
                                 **second)
                after += value
                if draw() < 0.1:
                    back = micros(value / 2)
                    self.hit(number, at + 5 * DAY, type="refund",
                             order_id=order, refund_id=f"r{order}",
                             value=f"{back:.2f}", currency="USD")
                    after -= back
        if torn:
            self.excluded += 1
        else:
            self.table.append((arm, bought, min(after, self.CAP),
                               min(before, self.CAP)))
