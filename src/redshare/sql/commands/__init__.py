"""The statements the product answers itself, from text to frozen dataclasses.

`parse_command` reads one; it knows grammar, and nothing of what exists or is allowed.
"""

from __future__ import annotations

from redshare.sql.commands.parse import SPECS, Command, parse_command
from redshare.sql.commands.values import Parameter, Password, bind, parameters

__all__ = ["SPECS", "Command", "Parameter", "Password", "bind", "parameters", "parse_command"]
