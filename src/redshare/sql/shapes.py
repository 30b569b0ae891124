"""The last check: nothing leaves the binder that the binder did not make.

A closed list of node classes, each with the arguments it may have. Names of engine functions come
from a list as well, tables must be the binder's own, and text that is generated without quotes
must be a plain word. Whatever is not here is a defect of ours, and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from sqlglot import exp

from redshare.sql.columns import require_granted
from redshare.sql.macros import NAMES
from redshare.sql.work import refuse

_TWO: Final = "this expression"
_SHAPES: Final[dict[type[exp.Expr], str]] = {
    # queries
    exp.Select: "with_ expressions from_ joins where group having qualify windows order limit "
    "offset distinct",
    exp.Union: "with_ this expression distinct order limit offset",
    exp.Except: "with_ this expression distinct order limit offset",
    exp.Intersect: "with_ this expression distinct order limit offset",
    exp.Subquery: "this alias joins",
    exp.Values: "expressions alias",
    exp.With: "expressions recursive",
    exp.CTE: "this alias",
    exp.From: "this",
    exp.Join: "this on side kind",
    exp.Lateral: "this alias",
    exp.Where: "this",
    exp.Group: "expressions",
    exp.Rollup: "expressions",
    exp.Cube: "expressions",
    exp.GroupingSets: "expressions",
    exp.Having: "this",
    exp.Qualify: "this",
    exp.Order: "expressions",
    exp.Ordered: "this desc nulls_first",
    exp.Limit: "expression",
    exp.Offset: "expression",
    exp.Distinct: "expressions",
    exp.Table: "this db catalog alias joins",
    exp.TableAlias: "this columns",
    exp.Alias: "this alias",
    exp.Star: "",
    exp.Column: "this table",
    exp.Identifier: "this quoted",
    # statements
    exp.Insert: "this expression",
    exp.Schema: "this expressions",
    exp.Update: "with_ this expressions from_ where",
    exp.Delete: "with_ this using where",
    exp.Merge: "this using on whens",
    exp.Whens: "expressions",
    exp.When: "matched source condition then",
    exp.Var: "this",
    # values
    exp.Literal: "this is_string",
    exp.Boolean: "this",
    exp.Null: "",
    exp.Parameter: "this",
    exp.Paren: "this",
    exp.Tuple: "expressions",
    exp.Cast: "this to",
    exp.TryCast: "this to",
    exp.Lambda: "this expressions",
    exp.DataType: "this expressions nested",
    exp.DataTypeParam: "this",
    exp.Case: "this ifs default",
    exp.If: "this true",
    exp.Anonymous: "this expressions",
    exp.Array: "expressions",
    # operators
    **dict.fromkeys(
        (
            exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is,
            exp.NullSafeEQ, exp.Add, exp.Sub, exp.Mul, exp.IntDiv, exp.Mod, exp.DPipe,
            exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseLeftShift, exp.BitwiseRightShift,
            exp.Like, exp.ILike, exp.Escape,
        ),
        _TWO,
    ),
    exp.Div: "this expression typed",
    exp.Not: "this",
    exp.Neg: "this",
    exp.BitwiseNot: "this",
    exp.Between: "this low high",
    exp.In: "this expressions query",
    exp.Exists: "this",
    exp.Any: "this",
    exp.All: "this",
    # functions that keep their class
    exp.Grouping: "expressions",
    exp.Count: "this",
    exp.Sum: "this",
    exp.Avg: "this",
    exp.Min: "this",
    exp.Max: "this",
    **dict.fromkeys(
        (
            exp.AnyValue, exp.LogicalAnd, exp.LogicalOr, exp.Ntile, exp.FirstValue, exp.LastValue,
        ),
        "this",
    ),
    exp.GroupConcat: "this separator",
    exp.NthValue: "this offset",
    exp.Lag: "this offset default",
    exp.Lead: "this offset default",
    **dict.fromkeys(
        (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist), ""
    ),
    exp.Window: "this partition_by order spec alias over",
    exp.WindowSpec: "kind start start_side end end_side",
    exp.Filter: _TWO,
    exp.WithinGroup: _TWO,
    exp.IgnoreNulls: "this",
    exp.RespectNulls: "this",
}  # fmt: skip
#: Functions of the engine that rewrite rules call by name.
_FUNCTIONS: Final = frozenset(
    [
        "abs",
        "acos",
        "array_to_string",
        "ascii",
        "asin",
        "atan",
        "atan2",
        "bit_and",
        "bit_or",
        "bool_and",
        "bool_or",
        "cbrt",
        "ceil",
        "chr",
        "coalesce",
        "contains",
        "cos",
        "cot",
        "date_diff",
        "date_part",
        "date_trunc",
        "decode",
        "degrees",
        "encode",
        "error",
        "exp",
        "factorial",
        "floor",
        "generate_series",
        "from_base64",
        "getvariable",
        "greatest",
        "json",
        "json_array_length",
        "json_extract",
        "json_extract_string",
        "json_keys",
        "json_merge_patch",
        "json_type",
        "json_valid",
        "hex",
        "isfinite",
        "last_day",
        "least",
        "left",
        "len",
        "list_concat",
        "list_extract",
        "length",
        "list_distinct",
        "list_extract",
        "list_filter",
        "list_slice",
        "list_transform",
        "list_value",
        "ln",
        "log",
        "log10",
        "lower",
        "lpad",
        "ltrim",
        "md5",
        "nullif",
        "octet_length",
        "pi",
        "power",
        "quantile_cont",
        "quantile_disc",
        "quarter",
        "radians",
        "random",
        "range",
        "regexp_extract",
        "regexp_extract_all",
        "regexp_full_match",
        "regexp_matches",
        "regexp_replace",
        "repeat",
        "replace",
        "reverse",
        "right",
        "round",
        "rpad",
        "rtrim",
        "sha1",
        "sha256",
        "sign",
        "sin",
        "split_part",
        "sqrt",
        "str_split",
        "stddev_pop",
        "stddev_samp",
        "strftime",
        "string_split",
        "strlen",
        "strpos",
        "strptime",
        "substring",
        "tan",
        "timezone",
        "to_base64",
        "to_days",
        "to_hex",
        "to_hours",
        "to_json",
        "to_microseconds",
        "to_milliseconds",
        "to_minutes",
        "to_months",
        "to_seconds",
        "translate",
        "trim",
        "trunc",
        "struct_extract",
        "unnest",
        "unhex",
        "upper",
        "var_pop",
        "var_samp",
        "xor",
    ]
)
_WORDS: Final = re.compile(r"[A-Z]+( [A-Z]+)?")
_DIGITS: Final = re.compile(r"[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?|\.[0-9]+([eE][+-]?[0-9]+)?")


def check(tree: exp.Expr, tables: Collection[exp.Table]) -> None:
    """Raises FeatureNotSupported for the first node that is not on the list."""
    own = {id(table) for table in tables}
    for node in tree.walk():
        allowed = _SHAPES.get(type(node))
        if allowed is None:
            raise refuse(f"the expression {node.key}")
        _check_arguments(node, frozenset(allowed.split()))
        require_granted(node)
        if isinstance(node, exp.Table) and id(node) not in own:
            raise refuse("a relation that is not in the catalogue")
        if isinstance(node, exp.Anonymous) and node.this not in _FUNCTIONS | NAMES:
            raise refuse(f"the function {node.this}")
        if isinstance(node, exp.Var) and node.this != "DELETE":
            raise refuse(f"the word {node.this}")
        number = isinstance(node, exp.Literal) and not node.args.get("is_string")
        if number and not _DIGITS.fullmatch(str(node.this)):
            raise refuse("a number of this form")


def _check_arguments(node: exp.Expr, allowed: frozenset[str]) -> None:
    for key, value in node.args.items():
        if value is None or value is False or value in ([], ""):
            continue
        if key not in allowed:
            raise refuse(f"{key.strip('_')} in {node.key}")
        if (
            isinstance(value, str)
            and not isinstance(node, (exp.Literal, exp.Identifier, exp.Anonymous))
            and not isinstance(node, exp.DataType)
            and not _WORDS.fullmatch(value)
        ):
            raise refuse(f"{value!r} in {node.key}")
