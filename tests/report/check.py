#!/usr/bin/python3
"""Check the renderers on made-up results: check.py WRITE_SAMPLE

The JSON must satisfy the schema, and the schema must refuse it with any one member missing or of
another type. The table and the Markdown must be what NAME.txt and NAME.md hold, and the CSV must
agree with the JSON. UPDATE_GOLDEN=1 rewrites those files: read the difference.
"""

import copy
import csv
import io
import json
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
import validate

HERE = pathlib.Path(__file__).parent
SAMPLES = ["sample", "commands", "smt"]
SINCE_LATER = [("models", "grain"), ("models", "smt"), ("checks",), ("host", "neighbour_cpus"),
               ("models", "amdahl", 0, "left_out"), ("plan", "widest"), ("models", "amdahl", 0, "recommendations"),
               ("models", "amdahl", 0, "law"), ("models", "amdahl", 0, "kinks"),
               ("points", 0, "load"), ("points", 0, "workers", 0, "run_delay")]  # what older files lack


def rendered(program, sample, name):
    return subprocess.run([program, sample, name], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def members(value, path=()):
    """Paths of all members that the schema requires, the first item of each array standing for all."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path + (key,)
            yield from members(inner, path + (key,))
    elif isinstance(value, list) and value:
        yield from members(value[0], path + (0,))


def free(path):
    """Members that may be missing: newer ones, those that the result names, and items of arrays."""
    if path in SINCE_LATER or path[-1] == "help":
        return True
    return path[-1] == 0 or len(path) >= 2 and path[-2] in ("parameters", "options", "metrics", "samples")


def changed(document, path, change):
    copied = copy.deepcopy(document)
    inner = copied
    for step in path[:-1]:
        inner = inner[step]
    change(inner, path[-1])
    return copied


def remove(inner, key):
    del inner[key]


def mistype(inner, key):
    inner[key] = {"not": ["this"]} if not isinstance(inner[key], dict) else 7


def check_schema(document):
    check = validate.validator()
    found = validate.errors(check, document)
    assert not found, found
    small = dict(document, points=document["points"][:1], findings=document["findings"][:1])
    tried = 0
    for path in members(small):
        if not free(path):
            assert validate.errors(check, changed(small, path, remove)), f"{path} may be missing"
        assert validate.errors(check, changed(small, path, mistype)), f"{path} may be anything"
        tried += 1
    assert tried > 100, tried
    for path in SINCE_LATER:
        assert not validate.errors(check, changed(document, path, remove)), path
    print(f"schema: {tried} members are held to it")


def check_csv(document, text):
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    count = 0
    for index, point in enumerate(document["points"]):
        for name, metric in point["metrics"].items():
            row = rows[count]
            assert row["point"] == str(index) and row["metric"] == name, (count, row)
            for key in ("value", "low", "high"):
                expected = metric[key]
                assert (float(row[key]) if row[key] else None) == expected, (row, key, expected)
            assert row["reason"] == (metric["reason"] or ""), row
            assert row["workload"] == point["workload"] and row["unit"] == metric["unit"], row
            count += 1
    assert count == len(rows) and count > 0
    print(f"csv: {count} rows agree with the JSON")


def check_golden(text, path):
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    if text != path.read_text(encoding="utf-8"):
        sys.exit(f"no longer what {path} holds:\n{text}")
    print(f"{path.name}: as expected")


def main(program):
    for sample in SAMPLES:
        document = json.loads(rendered(program, sample, "json"))
        if sample == "sample":
            check_schema(document)
        found = validate.errors(validate.validator(), document)
        assert not found, found
        check_csv(document, rendered(program, sample, "csv"))
        check_golden(rendered(program, sample, "table"), HERE / f"{sample}.txt")
        check_golden(rendered(program, sample, "markdown"), HERE / f"{sample}.md")


if __name__ == "__main__":
    main(sys.argv[1])
