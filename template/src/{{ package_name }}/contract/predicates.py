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
            return operator.itemgetter(places[name])
        case ast.Constant(value=value):
            return lambda _: value
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = predicate(operand, places)
            return lambda row: None if (value := inner(row)) is None else not value
        case ast.UnaryOp(operand=operand):
            inner = predicate(operand, places)
            return lambda row: None if (value := inner(row)) is None else -value
        case ast.BinOp(left=left, op=op, right=right):
            return _computed(predicate(left, places), OPERATORS[type(op)], predicate(right, places))
        case ast.BoolOp(op=op, values=values):
            return _joined([predicate(value, places) for value in values], isinstance(op, ast.Or))
        case ast.Compare():
            pairs = [_comparison(left, op, right, places) for left, op, right in conditions.steps(tree)]
            return pairs[0] if len(pairs) == 1 else _joined(pairs, decisive=False)
    raise TypeError(f"conditions.parse lets {ast.unparse(tree)} through, and it has no meaning here")


def _computed(left: Predicate, apply: Callable[[Any, Any], Any], right: Predicate) -> Predicate:
    def value(row: Row) -> Any:
        one, other = left(row), right(row)
        if one is None or other is None:
            return None
        # Doubles, as in polars, so that no sum is exact here and rounded there.
        result = apply(float(one), float(other))
        return None if result != result else result  # NaN, as of infinity minus infinity, is no number

    return value


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr, places: Mapping[str, int]) -> Predicate:
    one, apply = predicate(left, places), OPERATORS.get(type(op))
    if apply is not None:
        other = predicate(right, places)
        return lambda row: None if (x := one(row)) is None or (y := other(row)) is None else apply(x, y)
    if isinstance(op, ast.Is | ast.IsNot):
        missing = isinstance(op, ast.Is)
        return lambda row: (one(row) is None) is missing
    if isinstance(op, ast.In | ast.NotIn):
        assert isinstance(right, ast.Tuple | ast.List)  # noqa: S101 (conditions.parse has looked)
        choices = frozenset(ast.literal_eval(choice) for choice in right.elts)
        wanted = isinstance(op, ast.In)
        return lambda row: None if (value := one(row)) is None else (value in choices) is wanted
    raise TypeError(f"conditions.parse lets {ast.unparse(right)} through, and it has no meaning here")


def _joined(parts: list[Predicate], decisive: bool) -> Predicate:
    """`or` where True decides, `and` where False does; what is not known decides nothing."""

    def value(row: Row) -> Any:
        known = True
        for part in parts:
            found = part(row)
            if found is decisive:
                return decisive
            known = known and found is not None
        return (not decisive) if known else None

    return value
