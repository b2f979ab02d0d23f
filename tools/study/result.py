"""Results of parscope as the studies read them: points, and ratios formed within rounds."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

FEWEST_ROUNDS = 6  # for an interval, as parscope has it
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A value, and where it lies with 95 % confidence (None: too few rounds to say)."""

    value: float
    low: float | None = None
    high: float | None = None

    @staticmethod
    def of(told):
        """From a metric or a model of a result; None where it has no value."""
        if told is None or told["value"] is None:
            return None
        return Interval(told["value"], told["low"], told["high"])

    @property
    def bounded(self):
        return self.low is not None and self.high is not None


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def spread(values):
    """Interquartile range over the median; None with too few values."""
    ordered = sorted(v for v in values if v is not None)
    if len(ordered) < FEWEST_ROUNDS or not median(ordered):
        return None
    quarter = len(ordered) // 4
    return (ordered[-1 - quarter] - ordered[quarter]) / median(ordered)


def median_interval(values):
    """The median, with the order statistics that hold the true one with 95 % confidence: how many
    of n values lie below it is binomial (n, 1/2), whatever their distribution."""
    ordered = sorted(values)
    n = len(ordered)
    if not n:
        return None
    if n < FEWEST_ROUNDS:
        return Interval(median(ordered))
    below, rank = 0.0, 0
    while below + math.comb(n, rank) / 2**n <= (1 - CONFIDENCE) / 2:
        below += math.comb(n, rank) / 2**n
        rank += 1
    rank = max(rank - 1, 0)
    return Interval(median(ordered), ordered[rank], ordered[n - 1 - rank])


class Point:
    def __init__(self, told):
        self.told = told
        self.threads = told["threads"]
        self.strategy = told["strategy_label"]
        self.workload = told["workload"]
        self.parameters = told["parameters"]
        self.unit = told["unit"]

    def metric(self, name):
        return Interval.of(self.told["metrics"].get(name))

    def value(self, name):
        found = self.metric(name)
        return None if found is None else found.value

    def reason(self, name):
        """Why a metric has no value."""
        told = self.told["metrics"].get(name)
        return (told and told["reason"]) or "not measured"

    def samples(self, name):
        return self.told["samples"].get(name, [])

    def matches(self, workload, parameters, strategy, threads):
        return ((workload is None or self.workload == workload)
                and (strategy is None or self.strategy == strategy)
                and (threads is None or self.threads == threads)
                and all(self.parameters.get(k) == v for k, v in parameters.items()))


class Result:
    def __init__(self, data):
        self.data = data
        self.host = data["host"]
        self.plan = data["plan"]
        self.models = data.get("models", {})
        self.points = [Point(told) for told in data.get("points", [])]

    @staticmethod
    def load(path):
        with open(path, encoding="utf-8") as file:
            return Result(json.load(file))

    def find(self, workload=None, strategy=None, threads=None, **parameters):
        return [p for p in self.points if p.matches(workload, parameters, strategy, threads)]

    def one(self, workload=None, strategy=None, threads=None, **parameters):
        found = self.find(workload, strategy, threads, **parameters)
        if len(found) != 1:
            raise LookupError(f"{len(found)} points are {workload or ''} {strategy or ''} "
                              f"{threads or ''} {parameters}")
        return found[0]

    def baseline(self, workload=None, **parameters):
        return self.one(workload, "sequential", **parameters)

    def values(self, parameter, workload=None):
        """The values of a parameter, in the order in which they were measured."""
        found = [p.parameters[parameter] for p in self.find(workload) if parameter in p.parameters]
        return list(dict.fromkeys(found))

    def thread_counts(self, strategy=None):
        return sorted({p.threads for p in self.find(strategy=strategy)})

    def part(self, name):
        """What `parscope overhead` says of a part."""
        for told in self.data["parts"]:
            if told["part"] == name:
                return told
        raise LookupError(f"no part {name}")


def by_round(function, a, b, metric="wall_time"):
    """The interval of function(a's sample, b's sample) of the same rounds."""
    pairs = zip(a.samples(metric), b.samples(metric))
    return median_interval([function(x, y) for x, y in pairs
                            if x is not None and y is not None and y > 0])


def speed(a, b):
    """How many times as fast as b a is: for points of one run that do the same work."""
    return by_round(lambda x, y: y / x if x > 0 else math.inf, a, b)
