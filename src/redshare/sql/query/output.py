"""What a column without an alias is called."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.sql.parse import OURS_PREFIX


def output_name(node: exp.Expr) -> str:
    """What a column without an alias is called."""
    match node:
        case exp.Column():
            return node.name
        case exp.Cast():
            inner = output_name(node.this)
            return inner if inner != "?column?" else node.args["to"].sql("redshift").lower()[:127]
        case exp.Paren() | exp.Window() | exp.Filter() | exp.WithinGroup() | exp.IgnoreNulls():
            return output_name(node.this)
        case exp.Bracket():
            return output_name(node.this)
        case exp.Case():
            return "case"
        case exp.Exists():
            return "?column?"
        case exp.Anonymous():
            name = str(node.this).lower().removeprefix(OURS_PREFIX)
            return _SHOWN_NAMES.get(name, name)
        case exp.Trim():
            sides = {"LEADING": "ltrim", "TRAILING": "rtrim"}
            return sides.get(str(node.args.get("position") or "").upper(), "btrim")
        case exp.Pad():
            return "lpad" if node.args.get("is_left") else "rpad"
        case exp.CurrentTimestamp():
            return "sysdate" if node.args.get("sysdate") else "timestamptz"
        case exp.Dot():
            return output_name(node.expression)
        case exp.Connector() | exp.Binary() | exp.Not() | exp.Neg():
            return "?column?"
        case exp.Func():
            return _FUNCTION_NAMES.get(type(node), type(node).sql_name().lower())
        case exp.Subquery() if isinstance(node.this, exp.Select) and node.this.expressions:
            item = node.this.expressions[0]
            return item.alias if isinstance(item, exp.Alias) else output_name(item)
    return "?column?"


#: Functions that are called something else in a result.
_SHOWN_NAMES: Final = {
    "dateadd": "date_add", "datediff": "date_diff", "date_part": "pgdate_part",
    "datepart": "pgdate_part", "now": "timestamptz",
}  # fmt: skip
_FUNCTION_NAMES: Final[dict[type[exp.Expr], str]] = {
    exp.GroupConcat: "listagg",
    exp.ParseJSON: "json_parse",
    exp.ArrayConcat: "array_concat",
    exp.StringToArray: "split_to_array",
    exp.IsArray: "is_array",
    exp.Extract: "date_part",
    exp.CurrentVersion: "version",
    exp.StrPosition: "strpos",
    exp.Length: "len",
    exp.LowerHex: "to_hex",
    exp.FromBase: "strtol",
    exp.Pow: "power",
    exp.Rand: "random",
    exp.SHA: "sha1",
    exp.BitwiseAndAgg: "bit_and",
    exp.BitwiseOrAgg: "bit_or",
    exp.ApproxDistinct: "count",
    exp.ApproxQuantile: "percentile_disc",
    exp.StddevSamp: "stddev_samp",
    exp.Variance: "variance",
    exp.VariancePop: "var_pop",
    exp.LogicalAnd: "bool_and",
    exp.LogicalOr: "bool_or",
    exp.RegexpExtract: "regexp_substr",
    exp.DecodeCase: "case",
}
