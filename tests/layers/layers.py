"""A folder under src/ is a layer, and includes only headers of the layers below it."""

import os
import re
import sys

ALLOWED = {
    "base": set(),
    "model": {"base"},
    "topology": {"base"},
    "counters": {"base"},
    "runtime": {"base", "topology"},
    "workloads": set(),
    "plugin": {"base", "runtime", "workloads", "result"},
    "result": {"base"},
    "command": {"base"},
    "check": {"base", "model", "result"},
    "plan": {"base", "model", "topology", "counters", "runtime", "workloads", "plugin", "command", "result", "check"},
    "samples": {"base", "topology", "counters", "result", "plan"},
    "measure": {"base", "topology", "counters", "runtime", "plugin", "command", "plan", "samples", "result"},
    "analysis": {"base", "model", "topology", "counters", "runtime", "result", "check", "plan", "samples"},
    "findings": {"base", "model", "counters", "result", "plan", "samples", "analysis"},
    "overhead": {"base", "model", "topology", "counters", "runtime", "result"},
    "survey": {"base", "model", "topology", "counters", "runtime", "result"},
    "report": {"base", "model", "result"},
    "exchange": {"base", "result", "report"},
    "cli": {"base", "topology", "counters", "runtime", "workloads", "plugin", "command", "measure", "overhead", "survey", "report", "exchange", "result", "check", "plan", "samples", "analysis", "findings"},
}
ROOT = os.path.join(os.environ["SOURCE_ROOT"], "src")


def files(layer):
    for folder, _, names in os.walk(os.path.join(ROOT, layer)):
        for name in names:
            if name.endswith((".c", ".h")):
                yield os.path.join(folder, name)


def main():
    errors = []
    home = {}
    layers = sorted(name for name in os.listdir(ROOT) if os.path.isdir(os.path.join(ROOT, name)))
    if layers != sorted(ALLOWED):
        errors.append(f"layers {layers} are not those of this test")
    for layer in layers:
        for path in files(layer):
            if path.endswith(".h"):
                name = os.path.basename(path)
                if name in home:
                    errors.append(f"{name} is in {home[name]} and in {layer}")
                home[name] = layer
    seen = 0
    for layer in layers:
        for path in files(layer):
            with open(path, encoding="utf-8") as source:
                for include in re.findall(r'^\s*#\s*include\s+"([^"]+\.h)"', source.read(), re.M):
                    seen += 1
                    owner = home.get(os.path.basename(include))
                    if owner != layer and owner not in ALLOWED.get(layer, ()):
                        errors.append(f"{os.path.relpath(path, ROOT)} includes {include} of {owner}")
    if not seen:
        errors.append("no include was seen")
    print("\n".join(errors) or f"{seen} includes, all from below")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
