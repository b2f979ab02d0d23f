"""What the tests of the source share: its files, and its text without comments and strings."""
import os
import pathlib
import re

ROOT = pathlib.Path(os.environ['SOURCE_ROOT'])
UPDATE = os.environ.get('UPDATE_GOLDEN') == '1'
NO_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)


def files(*folders, suffixes=('.c', '.h')):
    """Below the folders of the project, in order."""
    for folder in folders:
        yield from sorted(path for path in (ROOT / folder).rglob('*') if path.suffix in suffixes)


def name(path):
    return str(path.relative_to(ROOT))


def code(text):
    """The text, with its lines, with blanks for comments and for what strings and characters hold."""
    return NO_CODE.sub(lambda m: re.sub(r'[^\n]', ' ', m[0]), text)


def includes(text):
    return re.findall(r'^\s*#\s*include\s+"([^"]+\.h)"', text, re.M)


def inside(text, start):
    """What is between the bracket at `start` and the one that closes it, and the place after that."""
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] in '([') - (text[i] in ')]')
        if not depth:
            return text[start + 1:i], i + 1
    raise ValueError(f'no end to: {text[start:start + 40]}')


def tell(errors, good):
    """The exit status."""
    print('\n'.join(errors) or good)
    return 1 if errors else 0
