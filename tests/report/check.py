#!/usr/bin/python3
"""Check the renderers on a made-up result: check.py WRITE_SAMPLE

The JSON must satisfy the schema, and the schema must refuse it with any one member missing or of
another type. The table must be what sample.txt holds, and the CSV must agree with the JSON.
"""

import copy
import csv
import io
import json
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
import validate

GOLDEN = pathlib.Path(__file__).with_name("sample.txt")


def rendered(program, name):
    return subprocess.run([program, name], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def members(value, path=()):
    """Paths of all members that the schema requires, the first item of each array standing for all."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path + (key,)
            yield from members(inner, path + (key,))
    elif isinstance(value, list) and value:
        yield from members(value[0], path + (0,))


def free(path):
    """Members that may be missing: those that the result names, and items of arrays."""
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


def check_table(text):
    if text != GOLDEN.read_text(encoding="utf-8"):
        sys.exit(f"the table is no longer that of {GOLDEN}:\n{text}")
    print("table: as expected")


def main(program):
    document = json.loads(rendered(program, "json"))
    check_schema(document)
    check_csv(document, rendered(program, "csv"))
    check_table(rendered(program, "table"))


if __name__ == "__main__":
    main(sys.argv[1])
