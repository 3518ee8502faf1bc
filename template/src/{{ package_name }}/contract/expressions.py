"""Conditions about one row, as polars expressions: for tables, which are large."""

import ast
from functools import reduce

import polars as pl

from . import conditions

OPERATORS = {
    ast.Add: pl.Expr.add,
    ast.Sub: pl.Expr.sub,
    ast.Mult: pl.Expr.mul,
    ast.Lt: pl.Expr.lt,
    ast.LtE: pl.Expr.le,
    ast.Gt: pl.Expr.gt,
    ast.GtE: pl.Expr.ge,
    ast.Eq: pl.Expr.eq,
    ast.NotEq: pl.Expr.ne,
}


def expression(tree: ast.expr, numbers: frozenset[str]) -> pl.Expr:
    """True, False or null (not known, as a value is missing) for each row.

    `numbers` are the columns of numbers.
    """
    match tree:
        case ast.Name(id=name):
            # Doubles, as in `predicates`, and NaN is a missing number.
            return pl.col(name).cast(pl.Float64).fill_nan(None) if name in numbers else pl.col(name)
        case ast.Constant(value=value):
            return pl.lit(float(value) if type(value) is int else value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return expression(operand, numbers).not_()
        case ast.UnaryOp(operand=operand):
            return expression(operand, numbers).neg()
        case ast.BinOp(left=left, op=op, right=right):
            both = OPERATORS[type(op)](expression(left, numbers), expression(right, numbers))
            return both.fill_nan(None)
        case ast.BoolOp(op=op, values=values):
            join = pl.Expr.or_ if isinstance(op, ast.Or) else pl.Expr.and_
            return reduce(join, (expression(value, numbers) for value in values))
        case ast.Compare():
            pairs = [_comparison(left, op, right, numbers) for left, op, right in conditions.steps(tree)]
            return reduce(pl.Expr.and_, pairs)
    raise TypeError(f"conditions.parse lets {ast.unparse(tree)} through, and it has no meaning here")


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr, numbers: frozenset[str]) -> pl.Expr:
    one = expression(left, numbers)
    if isinstance(op, ast.Is | ast.IsNot):
        return one.is_null() if isinstance(op, ast.Is) else one.is_not_null()
    if isinstance(op, ast.In | ast.NotIn):
        assert isinstance(right, ast.Tuple | ast.List)  # noqa: S101 (conditions.parse has looked)
        choices = [ast.literal_eval(choice) for choice in right.elts]
        numeric = [float(choice) if type(choice) is int else choice for choice in choices]
        found = one.is_in(numeric)
        return found if isinstance(op, ast.In) else found.not_()
    return OPERATORS[type(op)](one, expression(right, numbers))
