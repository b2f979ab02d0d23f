"""What a study is: commands, and blocks of its page that are written from their results."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field

from .result import Result


class NotMeasured(Exception):
    """This machine can't run the command; the text says why."""


@dataclass(frozen=True)
class Command:
    line: str  # words after parscope
    instead: str | None = None  # what to run where that ends with 77: this machine can't
    optional: bool = False  # whether the study goes on without it
    slow: int = 1  # how many times the time of the others it takes

    def time(self, time):
        """Of a number and its unit: "30s"."""
        number = time.rstrip("abcdefghijklmnopqrstuvwxyz")
        return time if self.slow == 1 else f"{self.slow * float(number):g}{time[len(number):]}"

    def words(self, time):
        return shlex.split(self.line) + ["--max-time", self.time(time)]

    def words_instead(self, time):
        return shlex.split(self.instead) + ["--max-time", self.time(time)]


@dataclass(frozen=True)
class Study:
    name: str
    commands: dict
    blocks: dict = field(default_factory=dict)  # name: function from Runs to markdown

    def block_names(self):
        return ["machine", *(f"command-{name}" for name in self.commands), *self.blocks]


@dataclass
class Run:
    words: list
    failed: str | None = None
    data: dict | None = None

    @property
    def result(self):
        if self.failed is not None:
            raise NotMeasured(self.failed)
        return Result(self.data)

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"words": self.words, "failed": self.failed, "data": self.data}, file)

    @staticmethod
    def load(path):
        with open(path, encoding="utf-8") as file:
            told = json.load(file)
        return Run(told["words"], told["failed"], told["data"])


class Runs:
    """The runs of a study by the names of its commands."""

    def __init__(self, runs):
        self.runs = runs

    def __getitem__(self, name):
        return self.runs[name].result

    def get(self, name):
        """None where it was not measured."""
        return self[name] if self.runs[name].failed is None else None

    def command(self, name):
        return "    parscope " + shlex.join(self.runs[name].words)

    def measured(self):
        return [self[name] for name in self.runs if self.runs[name].failed is None]
