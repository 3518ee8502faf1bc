"""Conditions about one row, as functions of its values: for the server, which has no table."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from . import conditions

Row = Any  # values by place: a tuple or a list
Predicate = Callable[[Row], Any]

OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def predicate(tree: ast.expr, places: Mapping[str, int]) -> Predicate:
    """True, False or None (not known, as a value is missing) for a row whose columns have these places."""
    match tree:
        case ast.Name(id=name):
            return _column(places[name])
        case ast.Constant(value=value):
            constant = _number(value)
            return lambda _: constant
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = predicate(operand, places)
            return lambda row: None if (value := inner(row)) is None else not value
        case ast.UnaryOp(operand=operand):
            inner = predicate(operand, places)
            return lambda row: None if (value := inner(row)) is None else -value
        case ast.BinOp(left=left, op=op, right=right):
            return _pair(predicate(left, places), OPERATORS[type(op)], predicate(right, places))
        case ast.BoolOp(op=op, values=values):
            return _joined([predicate(value, places) for value in values], isinstance(op, ast.Or))
        case ast.Compare():
            pairs = [_comparison(left, op, right, places) for left, op, right in conditions.steps(tree)]
            return pairs[0] if len(pairs) == 1 else _joined(pairs, decisive=False)
    raise TypeError(f"conditions.parse lets {ast.unparse(tree)} through, and it has no meaning here")


def _column(place: int) -> Predicate:
    return lambda row: _number(row[place])


def _number(value: Any) -> Any:
    """Numbers are doubles, as in polars, so that no sum is exact here and rounded there."""
    return float(value) if type(value) is int else value


def _pair(left: Predicate, apply: Callable[[Any, Any], Any], right: Predicate) -> Predicate:
    def value(row: Row) -> Any:
        one, other = left(row), right(row)
        if one is None or other is None:
            return None
        result = apply(one, other)
        return None if result != result else result  # NaN, as of infinity minus infinity, is no number

    return value


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr, places: Mapping[str, int]) -> Predicate:
    one = predicate(left, places)
    if isinstance(op, ast.Is | ast.IsNot):
        missing = isinstance(op, ast.Is)
        return lambda row: (one(row) is None) is missing
    if isinstance(op, ast.In | ast.NotIn):
        assert isinstance(right, ast.Tuple | ast.List)  # noqa: S101 (conditions.parse has looked)
        choices = frozenset(_number(ast.literal_eval(choice)) for choice in right.elts)
        wanted = isinstance(op, ast.In)
        return lambda row: None if (value := one(row)) is None else (value in choices) is wanted
    return _pair(one, OPERATORS[type(op)], predicate(right, places))


def _joined(parts: list[Predicate], decisive: bool) -> Predicate:
    """`or` where True decides, `and` where False does; what is not known decides nothing."""

    def value(row: Row) -> Any:
        found = [part(row) for part in parts]
        if decisive in found:
            return decisive
        return None if None in found else not decisive

    return value
