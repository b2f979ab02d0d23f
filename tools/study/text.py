"""Tables and plots in text."""

WIDTH = 79
BAR = 40


def table(head, rows, left=1):
    """A markdown table whose columns line up in plain text too; the first ones are left-aligned."""
    cells = [[str(c) for c in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]

    def line(row):
        padded = [c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * w if i < left else "-" * (w - 1) + ":" for i, w in enumerate(widths)]
    return "\n".join([line(cells[0]), "| " + " | ".join(rule) + " |", *map(line, cells[1:])])


def bars(title, rows):
    """A plot of bars from rows of (label, value, text); a bar's length is its share of the largest
    value."""
    rows = [row for row in rows if row[1] is not None]
    if not rows:
        return f"    {title}: nothing to draw"
    most = max(row[1] for row in rows) or 1
    labels = max(len(row[0]) for row in rows)
    lines = [f"    {title}", ""]
    for label, value, text in rows:
        length = max(0, round(BAR * value / most))
        lines.append(f"    {label:<{labels}}  {'#' * length or '|'} {text}".rstrip())
    return "\n".join(lines)


def paragraph(text):
    """Wrapped; a markdown list item that begins a line is indented below its dash."""
    lines, line = [], ""
    indent = "  " if text.startswith("- ") else ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = indent + word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def items(texts):
    """A markdown list."""
    return "\n".join(paragraph(f"- {text}") for text in texts if text)
