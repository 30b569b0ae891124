"""Who may do what to which object in which state of a share: the documented answers, cell by cell.

It knows the documentation and nothing of the product. A cell that it gives no answer to does not
exist: a function is only called.
"""

from __future__ import annotations

IDENTITIES = (
    "producer superuser",
    "producer user",
    "consumer superuser",
    "consumer user with usage",
    "consumer user without usage",
    "another namespace of the consumer",
)
STATES = (
    "none",
    "granted",
    "authorized",
    "read-only",
    "producer allows writes",
    "consumer accepts writes",
    "both consent to writes",
    "deauthorized",
    "disassociated",
    "rejected",
    "dropped",
)
#: The view is over the unshared table, and the function is in the share too.
OBJECTS = ("shared table", "unshared table", "table of an unshared schema", "view", "function")
WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
OPERATIONS = ("SELECT", *WRITES, "CREATE TABLE", "DROP TABLE", "SVV_ALL_TABLES", "SHOW TABLES")
METADATA = ("SVV_ALL_TABLES", "SHOW TABLES")
#: The states in which a consumer's database can be used.
IN_USE = {
    "read-only",
    "producer allows writes",
    "consumer accepts writes",
    "both consent to writes",
}
#: What the consumer's account sees its own entry as; None where there is none.
SEEN_BY_CONSUMER = {
    "none": None,
    "granted": None,
    "authorized": "AVAILABLE",
    **dict.fromkeys(IN_USE, "ACTIVE"),
    "deauthorized": None,
    "disassociated": "AVAILABLE",
    "rejected": None,
    "dropped": None,
}


def exists(kind: str, operation: str) -> bool:
    """Whether there is such a cell. CREATE TABLE is asked of the two schemas only."""
    if kind == "function":
        return operation == "SELECT"
    if operation == "CREATE TABLE":
        return kind in {"shared table", "table of an unshared schema"}
    return True


def allowed(identity: str, state: str, kind: str, operation: str, *, permissions: bool) -> bool:
    """Whether it works; of metadata, whether the object is listed.

    `permissions`: the consumer's database was made WITH PERMISSIONS, and its user was granted
    USAGE on database and schema, and SELECT and INSERT on the shared table, nothing else.
    """
    if identity == "producer superuser":
        if (kind, operation) == ("unshared table", "DROP TABLE"):
            return False  # the view stands on it, and there is no CASCADE
        return kind != "view" or operation in {"SELECT", *METADATA}
    if identity not in {"consumer superuser", "consumer user with usage"} or state not in IN_USE:
        return False
    user = permissions and identity == "consumer user with usage"
    if operation == "SELECT" or operation in METADATA:
        return kind == "shared table" or (kind in {"view", "function"} and not user)
    if state != "both consent to writes" or kind != "shared table":
        return False
    # The producer gave the share every write of the table, and CREATE on its schema, but not DROP.
    if user:
        return operation == "INSERT"
    return operation in {*WRITES, "CREATE TABLE"}
