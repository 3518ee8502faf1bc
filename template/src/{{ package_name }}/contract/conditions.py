"""The small language of rules about several columns, such as `discharged >= admitted or ward == 'day'`.

It is written like Python, parsed by Python, and never run by it: what is not listed here is refused. A
condition has columns, numbers, texts in quotes, `True` and `False`; `+`, `-` and `*` between numbers; the six
comparisons, `in (...)`, `is None`, `is not None`; `and`, `or`, `not`.

A missing value makes a comparison neither true nor false, as in SQL, and only what is false is broken.
`expressions` gives a condition to polars, `predicates` to the server; both must come to the same verdict.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal

from ..errors import UserError
from .columns import LARGEST_INTEGER, LogicalType, Rule

Kind = Literal["number", "text", "boolean", "date", "timestamp"]
KINDS: dict[LogicalType, Kind] = {
    "integer": "number",
    "number": "number",
    "string": "text",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult)
# As deep as anybody nests by hand, and far from where Python's own recursion ends.
LONGEST = 400
HELP = "a condition has columns, numbers, texts, + - *, comparisons, in (...), is None, and, or, not"


def parse(text: str, types: Mapping[str, LogicalType]) -> ast.expr:
    """A condition as a tree that holds nothing but what is listed above.

    Args:
        text: the condition.
        types: the columns there are, with their types.

    Raises:
        UserError: it is no condition about these columns; the message says what is wrong with it.
    """
    if len(text) > LONGEST:
        raise UserError(
            f"`{text[:30]}...` has {len(text)} characters, above {LONGEST}: make it several rules"
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        raise UserError(f"`{text}` cannot be read: {HELP}") from None
    if not columns(tree):
        raise UserError(f"`{text}` looks at no column")
    if (kind := _kind(tree, types)) != "boolean":
        raise UserError(f"`{text}` is a {kind}, and a condition is true or false: compare it with something")
    return tree


def columns(tree: ast.expr) -> tuple[str, ...]:
    """The columns that a condition looks at."""
    return tuple(dict.fromkeys(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)))


def within(rules: Iterable[Rule], types: Mapping[str, LogicalType], names: Collection[str]) -> list[Rule]:
    """The rules about nothing but some columns."""
    return [rule for rule in rules if set(columns(parse(rule.condition, types))) <= set(names)]


def _kind(node: ast.expr, types: Mapping[str, LogicalType]) -> Kind:
    """What a part of a condition is."""
    match node:
        case ast.Name(id=name):
            if name not in types:
                raise UserError(f"`{name}` is no column: there are {', '.join(types)}")
            return KINDS[types[name]]
        case ast.Constant(value=value):
            return _kind_of_constant(value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _all("boolean", [operand], types)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _all("number", [operand], types)
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, ARITHMETIC):
            return _all("number", [left, right], types)
        case ast.BoolOp(values=values):
            return _all("boolean", values, types)
        case ast.Compare():
            _check_comparison(node, types)
            return "boolean"
    raise UserError(f"`{ast.unparse(node)}` is not understood: {HELP}")


def _kind_of_constant(value: object) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) <= LARGEST_INTEGER):
        return "number"
    if isinstance(value, str):
        return "text"
    raise UserError(f"`{value!r}` is not understood: {HELP}")


def _all(kind: Kind, nodes: list[ast.expr], types: Mapping[str, LogicalType]) -> Kind:
    for node in nodes:
        if (found := _kind(node, types)) != kind:
            raise UserError(f"`{ast.unparse(node)}` is a {found}, where a {kind} must be")
    return kind


def _check_comparison(node: ast.Compare, types: Mapping[str, LogicalType]) -> None:
    for left, op, right in steps(node):
        if isinstance(op, ast.Is | ast.IsNot):
            _kind(left, types)
            if not (isinstance(right, ast.Constant) and right.value is None):
                raise UserError(f"`{ast.unparse(right)}` stands after `is`, where only None can")
        elif isinstance(op, ast.In | ast.NotIn):
            if not (isinstance(right, ast.Tuple | ast.List) and right.elts):
                raise UserError(f"`{ast.unparse(right)}` stands after `in`, where a list must: `in (1, 2)`")
            for choice in right.elts:
                if not isinstance(choice, ast.Constant):
                    raise UserError(f"`{ast.unparse(choice)}` is in a list, where only values can be")
                _check_pair(left, choice, ast.Eq(), types)
        else:
            _check_pair(left, right, op, types)


def steps(node: ast.Compare) -> Iterator[tuple[ast.expr, ast.cmpop, ast.expr]]:
    """A chain such as `0 <= a < b`, pair by pair."""
    return zip([node.left, *node.comparators[:-1]], node.ops, node.comparators, strict=True)


def _check_pair(left: ast.expr, right: ast.expr, op: ast.cmpop, types: Mapping[str, LogicalType]) -> None:
    one, other = _kind(left, types), _kind(right, types)
    if one != other:
        raise UserError(
            f"`{ast.unparse(left)}` is a {one} and `{ast.unparse(right)}` a {other}: they do not compare"
        )
    if isinstance(op, ORDERED) and one in ("text", "boolean"):
        raise UserError(f"`{ast.unparse(left)}` is a {one}, which has no order: compare it with == or !=")
