"""DROP FUNCTION, and what of functions, procedures and models the product does not have.

CREATE FUNCTION is read by sql/ddl/function.py: its body is a statement of its own.
https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_FUNCTION.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from redshare.sql.commands.spec import Spec, refuse
from redshare.sql.commands.values import FunctionName


@dataclass(frozen=True, slots=True)
class DropFunction:
    """By its name and argument types."""

    tag: ClassVar[str] = "DROP FUNCTION"
    function: FunctionName
    cascade: bool = False


FunctionCommand = DropFunction

SPECS: Final[tuple[Spec[FunctionCommand], ...]] = (
    Spec("DROP FUNCTION <function:function> [ CASCADE @cascade | RESTRICT ]", DropFunction),
    Spec("CREATE EXTERNAL FUNCTION <rest:rest>", refuse("CREATE EXTERNAL FUNCTION")),
    Spec("CREATE PROCEDURE <rest:rest>", refuse("CREATE PROCEDURE")),
    Spec("DROP PROCEDURE <rest:rest>", refuse("DROP PROCEDURE")),
    Spec("ALTER PROCEDURE <rest:rest>", refuse("ALTER PROCEDURE")),
    Spec("CREATE LIBRARY <rest:rest>", refuse("CREATE LIBRARY")),
    Spec("DROP LIBRARY <rest:rest>", refuse("DROP LIBRARY")),
    Spec("CREATE MODEL <rest:rest>", refuse("CREATE MODEL")),
    Spec("DROP MODEL <rest:rest>", refuse("DROP MODEL")),
    Spec("CREATE EXTERNAL TABLE <rest:rest>", refuse("CREATE EXTERNAL TABLE")),
)
