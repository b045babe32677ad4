"""Data types as SQL writes them."""

from clockmill.engine.result import ColumnType, Kind


def type_name(of: ColumnType) -> str:
    """Write a type as DESCRIBE does.

    >>> type_name(ColumnType(kind=Kind.FIXED, precision=38, scale=0))
    'NUMBER(38,0)'
    """
    match of.kind:
        case Kind.FIXED:
            return f"NUMBER({of.precision or 38},{of.scale or 0})"
        case Kind.REAL:
            return "FLOAT"
        case Kind.TEXT:
            return f"VARCHAR({of.length or 16_777_216})"
        case Kind.BINARY:
            return f"BINARY({of.length or 8_388_608})"
        case Kind.TIME | Kind.TIMESTAMP_NTZ | Kind.TIMESTAMP_LTZ | Kind.TIMESTAMP_TZ:
            return f"{of.kind.upper()}({9 if of.scale is None else of.scale})"
    return of.kind.upper()
