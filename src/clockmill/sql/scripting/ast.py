"""The tree of a scripting block: what its text says, and nothing of how it is run.

Names are folded as identifiers are. *start* is the offset into the text that was parsed, for
the line and position that errors name (:func:`clockmill.sql.lexer.place`). What an instruction
is, its class says: a ``match`` over :data:`Instruction` ends in ``assert_never``.
"""

import msgspec

from clockmill.core.types import ColumnType
from clockmill.sql.scripting.formula import Formula


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Anything that stands somewhere in the text."""

    start: int


class NameUse(msgspec.Struct, frozen=True):
    """A name that may be a variable's: in an expression outside its subqueries, or after a colon.

    *start* and *end* are offsets into the piece of text it stands in, the colon included.
    *parts* has one part, or two for a field of a row («record.column»). *is_bound* says that it is
    written with its colon: then nothing else can be meant.
    """

    start: int
    end: int
    parts: tuple[str, ...]
    is_bound: bool


class Expression(Node, frozen=True, kw_only=True):
    """An expression as it stands, and as a formula if it is one that needs no engine.

    An engine must be given the variables among *names* as bind values: see
    :func:`clockmill.sql.scripting.binds.bind_names`.
    """

    text: str
    formula: Formula | None = None
    names: tuple[NameUse, ...] = ()


# --- statements of SQL within a block --------------------------------------------------------


class Sql(Node, frozen=True, kw_only=True):
    """One statement of SQL. *text* is without its INTO clause and keeps «:name» where it stands.

    *into* are the variables that take the columns of its first row, or what a CALL returns;
    *names* the places of the «:name»; *cast* is the type that «(CALL f()::type)» gives its value,
    *called* the name, if it is a plain one, that a CALL calls.
    """

    text: str
    names: tuple[NameUse, ...] = ()
    into: tuple[str, ...] = ()
    cast: ColumnType | None = None
    called: str | None = None


class ExecuteImmediate(Node, frozen=True, kw_only=True):
    """EXECUTE IMMEDIATE: run the text that *expression* gives, with *using* for its «?» and «:1»."""

    expression: Expression
    using: tuple[Expression, ...] = ()
    into: tuple[str, ...] = ()


Query = Sql | ExecuteImmediate
"""What a RESULTSET is filled from."""


# --- declarations ----------------------------------------------------------------------------


class VariableDeclaration(Node, frozen=True, kw_only=True):
    """A variable. Without *type* it has that of its value; without a value it is NULL.

    *query* is given instead of *default* where the value is «(CALL …)» and its like: what no
    expression can be.
    """

    name: str
    type: ColumnType | None = None
    default: Expression | None = None
    query: Query | None = None


class CursorDeclaration(Node, frozen=True, kw_only=True):
    """A cursor over a *query*, which runs when the cursor is opened, or over a result set."""

    name: str
    query: Sql | None = None
    result_set: str | None = None


class ResultSetDeclaration(Node, frozen=True, kw_only=True):
    """A RESULTSET; its *query* runs at once, in the background if *is_async*."""

    name: str
    query: Query | None = None
    is_async: bool = False


class ExceptionDeclaration(Node, frozen=True, kw_only=True):
    """An exception to raise: its number (-20999 to -20000) and what it says."""

    name: str
    code: int | None = None
    message: str | None = None


class ProcedureDeclaration(Node, frozen=True, kw_only=True):
    """A procedure for the block alone; *text* is what a procedure is defined by, from its word on."""

    name: str
    text: str


Declaration = (
    VariableDeclaration
    | CursorDeclaration
    | ResultSetDeclaration
    | ExceptionDeclaration
    | ProcedureDeclaration
)


# --- instructions ----------------------------------------------------------------------------


class Handler(Node, frozen=True, kw_only=True):
    """WHEN … THEN: *exceptions* are names, STATEMENT_ERROR, EXPRESSION_ERROR or OTHER.

    With *is_continue* the block goes on after the statement that failed.
    """

    exceptions: tuple[str, ...]
    statements: "tuple[Instruction, ...]"
    is_continue: bool = False


class Block(Node, frozen=True, kw_only=True):
    """BEGIN … END with what it declares. *source* is the whole text that was parsed."""

    source: str
    declarations: tuple[Declaration, ...] = ()
    statements: "tuple[Instruction, ...]"
    handlers: tuple[Handler, ...] = ()
    label: str | None = None


class Let(Node, frozen=True, kw_only=True):
    """LET: a declaration where it stands."""

    declaration: VariableDeclaration | CursorDeclaration | ResultSetDeclaration


class Assign(Node, frozen=True, kw_only=True):
    """«name := …»: to a variable the *value*, to a result set the *query* is given.

    A query in parentheses is both: which one is meant, the kind of *name* tells. «(CALL …)»,
    «(SHOW …)», «(EXECUTE IMMEDIATE …)» and ASYNC are a *query* only.
    """

    name: str
    value: Expression | None = None
    query: Query | None = None
    is_async: bool = False


class Branch(Node, frozen=True, kw_only=True):
    """A condition (the value to compare with, in CASE x) and what to do when it holds."""

    condition: Expression
    statements: "tuple[Instruction, ...]"


class If(Node, frozen=True, kw_only=True):
    """IF, each ELSEIF, and ELSE."""

    branches: tuple[Branch, ...]
    otherwise: "tuple[Instruction, ...]" = ()


class Case(Node, frozen=True, kw_only=True):
    """CASE [operand] WHEN …: without an *operand* the first branch whose condition is true.

    *otherwise* is None without an ELSE, which is an error if no branch is taken.
    """

    operand: Expression | None
    branches: tuple[Branch, ...]
    otherwise: "tuple[Instruction, ...] | None" = None


class ForCounter(Node, frozen=True, kw_only=True):
    """FOR i IN [REVERSE] first TO last: both are evaluated once."""

    counter: str
    first: Expression
    last: Expression
    is_reverse: bool = False
    statements: "tuple[Instruction, ...]"
    label: str | None = None


class ForCursor(Node, frozen=True, kw_only=True):
    """FOR row IN cursor or result set."""

    row: str
    source: str
    statements: "tuple[Instruction, ...]"
    label: str | None = None


class While(Node, frozen=True, kw_only=True):
    """WHILE: asks before each turn."""

    condition: Expression
    statements: "tuple[Instruction, ...]"
    label: str | None = None


class Repeat(Node, frozen=True, kw_only=True):
    """REPEAT … UNTIL: asks after each turn, and ends when the condition is true."""

    condition: Expression
    statements: "tuple[Instruction, ...]"
    label: str | None = None


class Loop(Node, frozen=True, kw_only=True):
    """LOOP: ends by BREAK, RETURN or an exception alone."""

    statements: "tuple[Instruction, ...]"
    label: str | None = None


class Break(Node, frozen=True, kw_only=True):
    """BREAK or EXIT: leave the loop of that label, or the innermost one."""

    label: str | None = None


class Continue(Node, frozen=True, kw_only=True):
    """CONTINUE or ITERATE: the next turn of the loop of that label, or of the innermost one."""

    label: str | None = None


class Return(Node, frozen=True, kw_only=True):
    """RETURN: the *value*, or nothing (NULL).

    *table* is the result set of RETURN TABLE(…), *cursor* the cursor of
    RETURN TABLE(RESULTSET_FROM_CURSOR(…)).
    """

    value: Expression | None = None
    table: str | None = None
    cursor: str | None = None


class Raise(Node, frozen=True, kw_only=True):
    """RAISE an exception, or without a *name*, in a handler, the one it handles again."""

    name: str | None = None


class Open(Node, frozen=True, kw_only=True):
    """OPEN a cursor; *using* are the values for the «?» of its query."""

    cursor: str
    using: tuple[Expression, ...] = ()


class Fetch(Node, frozen=True, kw_only=True):
    """FETCH the next row of a cursor into variables."""

    cursor: str
    into: tuple[str, ...]


class Close(Node, frozen=True, kw_only=True):
    """CLOSE a cursor."""

    cursor: str


class Null(Node, frozen=True, kw_only=True):
    """NULL: do nothing."""


class Async(Node, frozen=True, kw_only=True):
    """ASYNC (statement): begin it in the background."""

    query: Query


class Await(Node, frozen=True, kw_only=True):
    """AWAIT a result set, or ALL that was begun (no *name*)."""

    name: str | None = None


class Cancel(Node, frozen=True, kw_only=True):
    """CANCEL the job that fills a result set."""

    name: str


class Evaluate(Node, frozen=True, kw_only=True):
    """A call of a SYSTEM$ function as a statement of its own."""

    call: Expression


Instruction = (
    Block
    | Let
    | Assign
    | If
    | Case
    | ForCounter
    | ForCursor
    | While
    | Repeat
    | Loop
    | Break
    | Continue
    | Return
    | Raise
    | Open
    | Fetch
    | Close
    | Null
    | Async
    | Await
    | Cancel
    | Evaluate
    | ExecuteImmediate
    | Sql
)
"""Everything that may stand between BEGIN and END."""
