"""How every picture looks, and those that suit any task."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

STYLE: Any = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "svg.fonttype": "none",
    # Ids of elements are random otherwise, and the same picture would have other bytes each time.
    "svg.hashsalt": "",
}
# Told apart without colour vision (Okabe and Ito), and by their line styles besides.
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#7f7f7f"


@contextmanager
def figure(path: Path, title: str, x: str, y: str, height: float = 3.6) -> Iterator[Axes]:
    """Axes to draw on, saved as an SVG when the block ends. Width and height in inches."""
    with mpl.rc_context(STYLE):
        picture = Figure(figsize=(4.8, height))
        axes = picture.subplots()
        axes.set(title=title, xlabel=x, ylabel=y)
        yield axes
        picture.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def learning_curve(table: pl.DataFrame, loss: str, path: Path) -> None:
    """The loss by round, on the rows learned from and on the rows held out."""
    with figure(path, "Learning curve", "round", loss) as axes:
        marker = "o" if table.height == 1 else ""
        axes.plot(table["round"], table["train"], color=GREY, linestyle="--", label="train", marker=marker)
        axes.plot(table["round"], table["valid"], color=BLUE, label="validation", marker=marker)
        axes.legend(frameon=False)


def importance(table: pl.DataFrame, metric: str, path: Path, most: int = 20) -> None:
    """The features that matter most, longest bar on top."""
    top = table.sort("importance", descending=True).head(most).reverse()
    title = "What the model relies on"
    with figure(path, title, f"loss of {metric} when shuffled", "", 1.2 + 0.22 * top.height) as axes:
        axes.barh(top["feature"], top["importance"], color=BLUE)
        axes.margins(y=0.01)


def groups(table: pl.DataFrame, metric: str, whole: float, path: Path) -> None:
    """A metric of each group, first on top, beside that of all rows; hollow where it says little."""
    rows = table.reverse().with_columns(pl.col("value").fill_null(0))
    hollow = "; hollow: few rows" if rows["small"].any() else ""
    said = f"{metric} (dashed: all rows{hollow})"
    with figure(path, "Groups, with their rows", said, "", 1.2 + 0.25 * rows.height) as axes:
        for name, count, value, small in rows.iter_rows():
            fill, edge = ("white", GREY) if small else (BLUE, BLUE)
            axes.barh(f"{name} ({count})", value, color=fill, edgecolor=edge)
        axes.axvline(whole, color=ORANGE, linestyle="--")
        axes.margins(y=0.02)
