"""Makes a C file of what pages carry: embed.py OUTPUT CHARTS SCRIPT STYLE

Each becomes a string and the hash that a page's policy lets it run by."""
import base64
import hashlib
import re
import sys

NAMES = ('charts', 'script', 'style')


def literal(data):
    """The bytes as C strings of a line each; a backslash, a quote and what is not ASCII are spelt out."""
    for line in data.splitlines(keepends=True):
        for start in range(0, len(line), 4000):
            text = ''.join(chr(c) if 32 <= c < 127 and c not in b'"\\?' else f'\\{c:03o}'
                           for c in line[start:start + 4000])
            yield f'    "{text}"\n'


def read(path):
    """Without what would end the element that it stands in, or what a browser would change in it."""
    with open(path, 'rb') as file:
        data = file.read()
    data = re.sub(rb'(?m)^//# sourceMappingURL=.*\n?', b'', data)
    data.decode('utf-8')
    if b'\r' in data or b'\0' in data or re.search(rb'</(script|style)|<!--', data, re.I):
        sys.exit(f'{path} can\'t stand in a page')
    return data


def main():
    output, *paths = sys.argv[1:]
    with open(output, 'w', encoding='ascii') as file:
        file.write('#include "html_page.h"\n\n')
        for name, path in zip(NAMES, paths, strict=True):
            data = read(path)
            digest = base64.b64encode(hashlib.sha256(data).digest()).decode('ascii')
            file.write(f'const struct ps_page_asset ps_page_{name} = {{\n')
            file.writelines(literal(data))
            file.write(f'    , "sha256-{digest}"\n}};\n')


main()
