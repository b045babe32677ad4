"""A grammar of scripts: texts together with the shape of the tree that they must give."""

from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st

from clockmill.sql.scripting import ast

Shape = tuple[Any, ...]
Script = tuple[str, Shape]
"""A piece of a script, and its shape: the class of each instruction and what is within it."""

NAMES: Final = st.sampled_from(["x", "counter", "Total", '"quoted name"', "rs", "_a1", "val$"])
EXPRESSIONS: Final = st.sampled_from(
    [
        "1",
        "x + 1",
        "'it''s; end'",
        "$$; end if; $$",
        "(select max(a) from t where b = :x)",
        "case when x > 1 then 'loop' else null end || ' do'",
        "iff(x is null, 0, x)",
        "rec.col::number(10, 2)",
        "object_construct('a', :x):a",
        "x in (1, 2, 3) and not (y between 1 and 5)",
        'f("quoted; name", x => 1)',
        "/* ; end */ 2 -- then do loop\n",
        "array_construct(1, [2, {'k': 3}])[0]",
    ]
)
STATEMENTS: Final = st.sampled_from(
    [
        "select 1",
        "insert into t select case when a then 1 end from s",
        "update t set a = :x where b in (select c from d)",
        "create table if not exists t (a int)",
        "call p(:x, 'a;b')",
        "begin transaction",
        "commit",
        "show tables like 'x'",
        (
            "merge into t using s on t.a = s.a when matched then update set b = 1 when not matched "
            "then insert (a) values (1)"
        ),
        (
            "create or replace task k warehouse = w as begin insert into t values (1); return case when 1=1 "
            "then 2 end; end"
        ),
    ]
)


def _instruction() -> st.SearchStrategy[Script]:
    pairs = st.tuples(NAMES, EXPRESSIONS)
    return st.one_of(
        pairs.map(lambda p: (f"{p[0]} := {p[1]};", ("Assign",))),
        pairs.map(lambda p: (f"LET {p[0]} number(38, 2) DEFAULT {p[1]};", ("Let", "VariableDeclaration"))),
        NAMES.map(lambda n: (f"let {n} cursor for select a from t;", ("Let", "CursorDeclaration"))),
        NAMES.map(lambda n: (f"let {n} resultset := async (call p());", ("Let", "ResultSetDeclaration"))),
        EXPRESSIONS.map(lambda e: (f"return {e};", ("Return",))),
        EXPRESSIONS.map(lambda e: (f"EXECUTE IMMEDIATE {e} USING (x, 1 + 1);", ("ExecuteImmediate",))),
        STATEMENTS.map(lambda s: (f"{s};", ("Sql",))),
        NAMES.map(lambda n: (f"open {n} using (1, x);", ("Open",))),
        NAMES.map(lambda n: (f"fetch {n} into a, :b;", ("Fetch",))),
        st.sampled_from([("null;", ("Null",)), ("raise;", ("Raise",)), ("await all;", ("Await",))]),
    )


SIMPLE: Final = _instruction()


def _several(inner: st.SearchStrategy[Script]) -> st.SearchStrategy[Script]:
    return st.lists(inner, min_size=1, max_size=3).map(
        lambda found: ("\n".join(text for text, _ in found), tuple(shape for _, shape in found))
    )


def _compound(inner: st.SearchStrategy[Script]) -> st.SearchStrategy[Script]:
    bodies = _several(inner)
    return st.one_of(
        st.tuples(EXPRESSIONS, bodies, bodies).map(
            lambda p: (
                f"if ({p[0]}) then {p[1][0]} elseif {p[0]} then {p[2][0]} else {p[1][0]} end if;",
                ("If", p[1][1], p[2][1], p[1][1]),
            )
        ),
        st.tuples(EXPRESSIONS, bodies, st.sampled_from(["end case;", "END;"])).map(
            lambda p: (f"case ({p[0]}) when 1 then {p[1][0]} {p[2]}", ("Case", p[1][1], ()))
        ),
        st.tuples(bodies, EXPRESSIONS).map(
            lambda p: (f"case when {p[1]} then {p[0][0]} else null; end;", ("Case", p[0][1], (("Null",),)))
        ),
        _loop(bodies, lambda e: f"for i in reverse 1 to {e} do", "for", "ForCounter"),
        _loop(bodies, lambda _: "for r in c loop", "loop", "ForCursor"),
        _loop(bodies, lambda e: f"while ({e}) do", "while", "While"),
        _loop(bodies, lambda _: "loop break; continue;", "loop", "Loop", ("Break",), ("Continue",)),
        st.tuples(bodies, EXPRESSIONS).map(
            lambda p: (f"repeat {p[0][0]} until ({p[1]}) end repeat;", ("Repeat", p[0][1]))
        ),
        bodies.map(lambda p: (f"begin {p[0]} end;", ("Block", (), p[1], ()))),
        bodies.map(
            lambda p: (
                f"declare p procedure (a int) returns int as begin {p[0]} end; begin null; end;",
                ("Block", ("ProcedureDeclaration",), (("Null",),), ()),
            )
        ),
        st.tuples(bodies, bodies).map(
            lambda p: (
                (
                    f"declare e exception (-20001, 'no; end'); v int; begin {p[0][0]} "
                    f"exception when e or statement_error then {p[1][0]} when other continue then null; end;"
                ),
                ("Block", ("ExceptionDeclaration", "VariableDeclaration"), p[0][1], (p[1][1], (("Null",),))),
            )
        ),
    )


def _loop(
    bodies: st.SearchStrategy[Script],
    opening: Callable[[str], str],
    word: str,
    kind: str,
    *first: Shape,
) -> st.SearchStrategy[Script]:
    labels = st.sampled_from(["", " a_label"])
    return st.tuples(EXPRESSIONS, bodies, labels).map(
        lambda p: (f"{opening(p[0])} {p[1][0]} end {word}{p[2]};", (kind, first + p[1][1]))
    )


INSTRUCTIONS: Final = st.recursive(SIMPLE, _compound, max_leaves=8)
BLOCKS: Final = _several(INSTRUCTIONS).map(lambda p: (f"begin\n{p[0]}\nend", ("Block", (), p[1], ())))


def shape(node: Any) -> Shape:
    """Return the shape of what a parser made."""
    kind = type(node).__name__
    match node:
        case ast.Let():
            return (kind, type(node.declaration).__name__)
        case ast.If():
            return (kind, *(_shapes(each.statements) for each in node.branches), _shapes(node.otherwise))
        case ast.Case():
            branches = [_shapes(each.statements) for each in node.branches]
            return (kind, *branches, _shapes(node.otherwise or ()))
        case ast.Block():
            declared = tuple(type(each).__name__ for each in node.declarations)
            handlers = tuple(_shapes(each.statements) for each in node.handlers)
            return (kind, declared, _shapes(node.statements), handlers)
        case ast.ForCounter() | ast.ForCursor() | ast.While() | ast.Repeat() | ast.Loop():
            return (kind, _shapes(node.statements))
    return (kind,)


def _shapes(nodes: tuple[ast.Instruction, ...]) -> Shape:
    return tuple(shape(node) for node in nodes)
