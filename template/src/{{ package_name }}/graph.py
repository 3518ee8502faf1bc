"""Where the boxes and arrows go in a picture of the pipeline."""

import msgspec

WIDTH, HEIGHT = 128, 44
GAP_X, GAP_Y = 36, 56
RISE = 16


class Box(msgspec.Struct, frozen=True):
    """A stage; `x` and `y` are of its upper left corner."""

    name: str
    x: float
    y: float


class Picture(msgspec.Struct, frozen=True):
    """Boxes, the paths of the arrows between them as SVG writes them, and the size of it all."""

    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]
    width: float
    height: float


def layout(upstream: dict[str, list[str]]) -> Picture:
    """Place each stage one column after the last of those that it reads."""
    column: dict[str, int] = {}
    for name in upstream:
        _place(name, upstream, column)
    columns = [
        [name for name in upstream if column[name] == index] for index in range(max(column.values()) + 1)
    ]
    top = RISE * len(columns)
    boxes = {
        name: Box(name, index * (WIDTH + GAP_X), top + row * (HEIGHT + GAP_Y))
        for index, names in enumerate(columns)
        for row, name in enumerate(names)
    }
    arrows = tuple(
        _arrow(boxes[before], boxes[name], column[name] - column[before])
        for name in upstream
        for before in upstream[name]
    )
    width = len(columns) * (WIDTH + GAP_X) - GAP_X
    height = top + max(map(len, columns)) * (HEIGHT + GAP_Y)
    return Picture(tuple(boxes.values()), arrows, width, height)


def _place(name: str, upstream: dict[str, list[str]], column: dict[str, int]) -> int:
    if name not in column:
        column[name] = max((_place(before, upstream, column) + 1 for before in upstream[name]), default=0)
    return column[name]


def _arrow(start: Box, end: Box, span: int) -> str:
    """To the next column straight; to a later one in an arc above the boxes between."""
    if span == 1:
        x, y, to_x, to_y = start.x + WIDTH, start.y + HEIGHT / 2, end.x, end.y + HEIGHT / 2
        middle = (x + to_x) / 2
        return f"M{x:g},{y:g} C{middle:g},{y:g} {middle:g},{to_y:g} {to_x:g},{to_y:g}"
    x, to_x = start.x + WIDTH * 0.75, end.x + WIDTH * 0.25
    peak = min(start.y, end.y) - RISE * span
    return f"M{x:g},{start.y:g} C{x + GAP_X:g},{peak:g} {to_x - GAP_X:g},{peak:g} {to_x:g},{end.y:g}"
