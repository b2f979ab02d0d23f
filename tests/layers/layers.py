"""A folder under src/ is a layer. The `dependencies` of its library in its meson.build are the layers whose headers
it includes, and are all below it; the picture in docs/ shows the same, and a table above it has a row of each; and
the modules of a folder (NAME.c and NAME.h) include each other in no circle. A folder has some 15 files at most.

UPDATE_GOLDEN=1 draws the picture anew.
"""
import re
import sys

import source

FIRST = '<!-- the layers: drawn and held by tests/layers -->\n```\n'
LAST = '```\n'
MANY_FILES, MOST_FILES = 15, 18  # .c files of a folder, but for those that a list names, one a row


class Layer:
    """`below`: names of the layers that it may include. `level`: 0 for those that include none."""

    def __init__(self, name, below):
        self.name = name
        self.below = below
        self.level = 0


def names(text, variables):
    """Of a meson expression: an identifier, or a list of such."""
    for word in re.findall(r'[\w.]+', text):
        yield from names(variables[word], variables) if word in variables else [word]


def dependencies(layer):
    """What the static library of the layer's name depends on; None where there is none."""
    path = source.ROOT / 'src' / layer / 'meson.build'
    text = re.sub(r'#.*', '', path.read_text()) if path.exists() else ''
    start = re.search(rf"\bstatic_library(?=\(\s*'{layer}')", text)
    if not start:
        return None
    call, _ = source.inside(text, start.end())
    value = re.search(r'\bdependencies:\s*', call)
    if not value:
        return []
    variables = dict(re.findall(r'^(\w+) = (\[[^\]]*\])', text, re.M))
    rest = call[value.end():]
    return list(names(source.inside(rest, 0)[0] if rest[0] == '[' else re.match(r'\w+', rest)[0], variables))


def read_layers(errors):
    """In the order in which the meson files name them, each after those below it."""
    order = re.findall(r"^subdir\('src/(\w+)'\)", (source.ROOT / 'meson.build').read_text(), re.M)
    there = sorted(path.name for path in (source.ROOT / 'src').iterdir() if path.is_dir())
    if sorted(order) != there:
        errors.append(f'the folders {there} below src are not those of meson.build: {sorted(order)}')
    layers = {}
    for name in order:
        found = dependencies(name)
        if found is None:
            errors.append(f"src/{name}/meson.build has no static_library('{name}')")
        below = sorted(set(found or []) & set(order))
        errors += [f'{name} depends on {b}, which comes after it' for b in below if b not in layers]
        layers[name] = Layer(name, [b for b in below if b in layers])
        layers[name].level = max((layers[b].level + 1 for b in layers[name].below), default=0)
    return layers


def words(found):
    """In lines of 80."""
    lines = ['']
    for word in found:
        if len(lines[-1]) + len(word) > 80:
            lines.append('')
        lines[-1] += f' {word}' if lines[-1] else word
    return lines


def draw(layers):
    """From top to bottom; a line between levels."""
    width = max(map(len, layers))
    order = list(layers)
    text = ''
    for level in reversed(range(max(layer.level for layer in layers.values()) + 1)):
        for layer in (each for each in layers.values() if each.level == level):
            below = words(sorted(layer.below, key=order.index))
            text += f'{layer.name:{width}} | {below[0]}'.rstrip() + '\n'
            text += ''.join(f'{"":{width}} | {line}\n' for line in below[1:])
        text += '-' * (width + 1) + '+' + '-' * 81 + '\n' if level else ''
    return text


def check_picture(layers, errors):
    pages = [path for path in source.files('docs', suffixes=['.md']) if FIRST in path.read_text()]
    if len(pages) != 1:
        errors.append(f'one page below docs/ has the picture of the layers, not {len(pages)}')
        return
    before, rest = pages[0].read_text().split(FIRST)
    shown, after = rest.split(LAST, 1)
    errors += [f'{source.name(pages[0])}: `{name}` has {rows} rows in its tables of folders, not one' for name in layers
               if (rows := len(re.findall(fr'^\| `{name}` \|', before, re.MULTILINE))) != 1]
    if source.UPDATE:
        pages[0].write_text(before + FIRST + draw(layers) + LAST + after)
    elif shown != draw(layers):
        errors.append(f'{source.name(pages[0])} does not show the layers of the meson files. UPDATE_GOLDEN=1 draws '
                      f'them anew:\n{draw(layers)}')


def module(path, layer):
    """`strategy/pool` for src/runtime/strategy/pool.c."""
    return str(path.relative_to(source.ROOT / 'src' / layer).with_suffix(''))


def check_includes(layers, errors):
    """Returns the includes of headers, and for each layer the modules that each of its modules includes."""
    paths = {layer: list(source.files(f'src/{layer}')) for layer in layers}
    home, inner, seen = {}, {layer: {} for layer in layers}, 0
    for layer in layers:
        for path in (each for each in paths[layer] if each.suffix == '.h'):
            if path.name in home:
                errors.append(f'{path.name} is in {home[path.name][0]} and in {layer}')
            home[path.name] = (layer, module(path, layer))
    for layer in layers:
        for path in paths[layer]:
            edges = inner[layer].setdefault(module(path, layer), set())
            for include in source.includes(path.read_text()):
                seen += 1
                owner, header = home.get(include.split('/')[-1], (None, None))
                if owner == layer:
                    edges.add(header)
                elif owner not in layers[layer].below:
                    errors.append(f'{source.name(path)} includes {include} of {owner}')
    return seen, inner


def check_sizes(layers, errors):
    """A folder with many files does more than one thing."""
    for layer in layers:
        folder = source.ROOT / 'src' / layer
        rows = re.findall(r'(?m)^PS_ROW\((\w+)', ''.join(path.read_text() for path in folder.glob('list.def')))
        named = {f'{prefix}{row}' for row in rows for prefix in ('', 'cmd_')}
        count = sum(path.stem not in named for path in folder.glob('*.c'))
        if count > MANY_FILES:
            print(f'{layer}: {count} files')
        if count > MOST_FILES:
            errors.append(f'src/{layer} has {count} .c files, more than {MOST_FILES}: which of them are another thing?')


def path_back(edges, start):
    """The shortest way from a module to itself, or None."""
    ways, known = [[start]], set()
    while ways:
        way = ways.pop(0)
        for after in sorted(edges.get(way[-1], ())):
            if after == start and len(way) > 1:
                return way + [start]
            if after not in known and after != start:
                known.add(after)
                ways.append(way + [after])
    return None


def circles(edges):
    """The shortest circle through each module, each circle once."""
    found = {}
    for start in sorted(edges):
        way = path_back(edges, start)
        if way:
            found.setdefault(frozenset(way), way)
    return list(found.values())


def main():
    errors = []
    layers = read_layers(errors)
    seen, inner = check_includes(layers, errors)
    for layer, edges in inner.items():
        errors += [f'{layer}: a circle of includes: {" -> ".join(way)}' for way in circles(edges)]
    check_picture(layers, errors)
    check_sizes(layers, errors)
    if not seen:
        errors.append('no include was seen')
    return source.tell(errors, f'{len(layers)} layers, {seen} includes, all from below and in no circle')


if __name__ == '__main__':
    sys.exit(main())
