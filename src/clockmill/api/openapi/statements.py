"""The bodies of the SQL API, described."""

from typing import Final

from clockmill.api.openapi.properties import Schema, always, flag, number, text

MEANINGS: Final = {
    202: "The statement goes on; ask again later.",
    408: "The statement took longer than it may, and was stopped.",
    422: "The statement failed; the message says why.",
}
"""What the statuses tell of a statement."""

_FORMATS: Final = (
    "binary_output_format",
    "date_output_format",
    "time_output_format",
    "timestamp_output_format",
    "timestamp_ltz_output_format",
    "timestamp_ntz_output_format",
    "timestamp_tz_output_format",
)

BODIES: Final[dict[str, Schema]] = {
    "Submission": {
        "type": "object",
        "description": "Statements, and the session that they get.",
        "properties": {
            "statement": text("One statement, or several with semicolons between them."),
            "timeout": number("Seconds that a statement may take; 0 is a week.", format="int64", minimum=0),
            "database": text("The database that names without one are in."),
            "schema": text("The schema that names without one are in."),
            "warehouse": text("Where the statements run."),
            "role": text("The role in which they run."),
            "bindings": {
                "type": "object",
                "nullable": True,
                "description": 'Values of placeholders, by position: {"1": {"type": "FIXED", "value": "7"}}.',
                "properties": {},
                "additionalProperties": {"type": "object"},
            },
            "parameters": {
                "type": "object",
                "nullable": True,
                "description": "Session parameters to begin with, by name in any case.",
                "properties": {
                    "timezone": text("The session's time zone."),
                    "query_tag": text("What the history shows the statements under."),
                    **{name: text("A format of values as text.") for name in _FORMATS},
                    "multi_statement_count": number(
                        "How many statements there are; 0 is any number.", default=1, minimum=0
                    ),
                },
            },
        },
    }
}

_CODE: Final = text("What happened, for programs.")
_STATE: Final = text("The same by the SQL standard.")
_MESSAGE: Final = text("The same for people.")
_HANDLE: Final = text("The handle of the statement.", format="uuid")
_CREATED_ON: Final = number("When it began, in milliseconds since 1970.", format="int64")
_URL: Final = text("Where to ask about it.", format="uri-reference")


def _count(about: str) -> Schema:
    return number(about, format="int64", minimum=0)


def _status(*required: str, about: str, created_on: bool = True) -> Schema:
    properties = {
        "code": always(_CODE),
        "sqlState": always(_STATE),
        "message": always(_MESSAGE),
        "statementHandle": always(_HANDLE),
        "createdOn": always(_CREATED_ON),
        "statementStatusUrl": always(_URL),
    }
    if not created_on:
        del properties["createdOn"]
    return {"type": "object", "description": about, "properties": properties, "required": list(required)}


_ROW_TYPE: Final[Schema] = {
    "type": "array",
    "description": "The columns.",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {
            "name": always(text("Its name.")),
            "type": always(text("Its data type: fixed, text, ...")),
            "length": _count("Characters or bytes at most, of text and binary."),
            "byteLength": _count("Bytes at most."),
            "precision": _count("Digits, of numbers."),
            "scale": _count("Digits after the point, of numbers and times."),
            "nullable": always(flag("Whether it may be NULL.")),
        },
    },
}
_PARTITIONS: Final[Schema] = {
    "type": "array",
    "description": "The partitions of the rows; the first is in this answer if no other was asked for.",
    "minItems": 0,
    "items": {
        "type": "object",
        "properties": {
            "rowCount": always(_count("Its rows.")),
            "uncompressedSize": always(_count("Its bytes as JSON.")),
        },
    },
}
_META_DATA: Final[Schema] = {
    "type": "object",
    "description": "What the result is.",
    "properties": {
        "format": always(text("Always jsonv2.", enum=["jsonv2"])),
        "numRows": always(number("Rows of all partitions.", format="int64")),
        "rowType": _ROW_TYPE,
        "partitionInfo": _PARTITIONS,
        "nullable": always(flag("False if NULL is written as the text null.")),
    },
}
_STATISTICS: Final[Schema] = {
    "type": "object",
    "description": "What a change of tables did.",
    "properties": {
        "numRowsInserted": always(_count("Rows inserted.")),
        "numRowsUpdated": always(_count("Rows updated.")),
        "numRowsDeleted": always(_count("Rows deleted.")),
        "numDuplicateRowsUpdated": always(_count("Rows that more than one row would have updated.")),
    },
}

ANSWERS: Final[dict[str, Schema]] = {
    "ResultSet": {
        "type": "object",
        "description": "A result, or a partition of it.",
        "properties": {
            "code": always(_CODE),
            "sqlState": always(_STATE),
            "message": always(_MESSAGE),
            "statementHandle": always(_HANDLE),
            "statementHandles": {
                "type": "array",
                "description": "Of several statements, the handle of each, whose result is fetched by it.",
                "items": {"type": "string", "format": "uuid"},
            },
            "createdOn": always(_CREATED_ON),
            "statementStatusUrl": always(_URL),
            "resultSetMetaData": _META_DATA,
            "data": {
                "type": "array",
                "description": "The rows: every cell a text, or null.",
                "minItems": 0,
                "items": {
                    "type": "array",
                    "minItems": 0,
                    "items": {"type": "string", "nullable": True, "minItems": 0},
                },
            },
            "stats": _STATISTICS,
        },
    },
    "QueryStatus": _status("statementHandle", about="How a statement stands."),
    "QueryFailureStatus": _status("message", "statementHandle", about="What a statement failed with."),
    "CancelStatus": _status("statementHandle", about="How a statement was stopped.", created_on=False),
}
