#!/usr/bin/python3
"""Validate result files against docs/result.schema.json: validate.py FILE..."""

import json
import pathlib
import sys

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "docs" / "result.schema.json"


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file, parse_constant=refuse_constant)


def validator():
    schema = load(SCHEMA)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def place(error):
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)


def errors(check, document):
    return [f"{place(e) or 'document'}: {e.message[:300]}" for e in check.iter_errors(document)]


def main(paths):
    if not paths:
        sys.exit(__doc__)
    check = validator()
    failed = False
    for path in paths:
        try:
            found = errors(check, load(path))
        except (OSError, ValueError) as error:
            found = [str(error)]
        for text in found:
            print(f"{path}: {text}", file=sys.stderr)
        failed = failed or bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
