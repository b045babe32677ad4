"""Blocks: what they declare, what they do, and their handlers."""

from clockmill.core.types import TEXT
from clockmill.engine.protocol import Binding
from clockmill.session.scripting.cursors import Cursor, ResultSet
from clockmill.session.scripting.expressions import depends_on_row, gives_exact_type, is_inferable
from clockmill.session.scripting.faults import (
    OTHER,
    STATEMENT_ERROR,
    DeclaredException,
    DeclaredFault,
    NothingToRaise,
    Raised,
    ScriptFault,
    unknown_name,
)
from clockmill.session.scripting.procedures import nested_procedure
from clockmill.session.scripting.queries import scalar
from clockmill.session.scripting.result_sets import fill
from clockmill.session.scripting.script import Guard, Script, Signal
from clockmill.session.scripting.values import Frame, Variable, inferred
from clockmill.sql.scripting import ast

# --- the block -------------------------------------------------------------------------------


def block(script: Script, node: ast.Block, frame: Frame) -> Signal:
    """Declare, then do; what fails is offered to the block's own handlers."""
    scope = Frame(frame)
    for declaration in node.declarations:
        declare(script, declaration, scope)
    around = script.guard
    script.guard = Guard(node.handlers, scope) if node.handlers else None
    try:
        if node.handlers:
            return _guarded(script, node, scope)
        return script.all_of(node.statements, scope)
    finally:
        script.guard = around


def _guarded(script: Script, node: ast.Block, scope: Frame) -> Signal:
    # Handlers see what the block declares, and not what its LETs do.
    body = Frame(scope)
    for each in node.statements:
        try:
            signal = script.step(each, body)
        except Raised as raised:
            handler = matching(node.handlers, raised, scope)
            if handler is None:
                raise
            signal = handle(script, handler, raised, scope)
            if signal is None and not handler.is_continue:
                return None
        if signal is not None:
            return signal
    return None


# --- handlers --------------------------------------------------------------------------------


def matching(handlers: tuple[ast.Handler, ...], raised: Raised, frame: Frame) -> ast.Handler | None:
    """Return the first handler that takes *raised*."""
    for each in handlers:
        if any(_takes(name, raised, frame) for name in each.exceptions):
            return each
    return None


def _takes(name: str, raised: Raised, frame: Frame) -> bool:
    declared = frame.find(name)
    if isinstance(declared, DeclaredException):
        return raised.declared is declared
    return name == OTHER or (raised.declared is None and name == raised.name)


def handle(script: Script, handler: ast.Handler, raised: Raised, scope: Frame) -> Signal:
    """Do what *handler* says, with the variables that tell what was raised."""
    frame = Frame(scope)
    frame.handled = raised
    names = ("SQLCODE", "SQLERRM", "SQLSTATE")
    before = [script.globals.names[name].binding for name in names]
    for name, value in zip(names, (raised.code, raised.message, raised.state), strict=True):
        script.set_global(name, value)
    guard, script.guard = script.guard, None
    try:
        return script.all_of(handler.statements, frame)
    finally:
        script.guard = guard
        for name, binding in zip(names, before, strict=True):
            script.globals.names[name].binding = binding


def raise_exception(script: Script, node: ast.Raise, frame: Frame) -> Signal:
    """Raise the exception of that name, or the one that is being handled again."""
    if node.name is None:
        handled = frame.in_handler()
        if handled is None:
            raise Raised(STATEMENT_ERROR, NothingToRaise(), node.start)
        raise handled
    declared = frame.find(node.name)
    if not isinstance(declared, DeclaredException):
        raise unknown_name(script.source, node.start, node.name)
    raise Raised(declared.name, DeclaredFault(declared), node.start, declared)


# --- declarations ----------------------------------------------------------------------------


def let(script: Script, node: ast.Let, frame: Frame) -> Signal:
    """Declare where the instruction stands."""
    declare(script, node.declaration, frame)
    return None


def declare(script: Script, declaration: ast.Declaration, frame: Frame) -> None:
    """Give a name its meaning within *frame*."""
    match declaration:
        case ast.VariableDeclaration():
            frame.names[declaration.name] = _variable(script, declaration, frame)
        case ast.CursorDeclaration():
            frame.names[declaration.name] = _cursor(script, declaration, frame)
        case ast.ResultSetDeclaration():
            made = ResultSet(declaration.name)
            fill(script, made, declaration, frame)
            frame.names[declaration.name] = made
        case ast.ExceptionDeclaration():
            frame.names[declaration.name] = DeclaredException(
                declaration.name, declaration.code, declaration.message
            )
        case ast.ProcedureDeclaration():
            frame.names[declaration.name] = nested_procedure(declaration)


def _variable(script: Script, declaration: ast.VariableDeclaration, frame: Frame) -> Variable:
    if declaration.query is not None:
        value = scalar(script, declaration.query, frame)
        of = declaration.type or inferred(value.type, is_exact=False)
        return Variable(script.expressions.converted(value, of, declaration.query.start), of)
    if declaration.default is None:
        of = declaration.type or TEXT
        return Variable(Binding(None, of), of)
    default = declaration.default
    if declaration.type is not None:
        value = script.expressions.value(default, frame)
        return Variable(
            script.expressions.converted(value, declaration.type, default.start), declaration.type
        )
    if depends_on_row(default, frame):
        raise _not_inferable(script, declaration)
    value = script.expressions.value(default, frame)
    of = inferred(value.type, is_exact=gives_exact_type(default.formula))
    if not is_inferable(of):
        raise _not_inferable(script, declaration)
    return Variable(script.expressions.converted(value, of, default.start), of)


def _not_inferable(script: Script, declaration: ast.VariableDeclaration) -> ScriptFault:
    return ScriptFault(
        script.source,
        declaration.start,
        f" variable '{declaration.name}' cannot have its type inferred from initializer",
        code="092228",
        sqlstate="P0000",
    )


def _cursor(script: Script, declaration: ast.CursorDeclaration, frame: Frame) -> Cursor:
    if declaration.result_set is None:
        return Cursor(declaration.name, declaration.query, None, frame)
    source = frame.find(declaration.result_set)
    if not isinstance(source, ResultSet):
        raise unknown_name(script.source, declaration.start, declaration.result_set)
    return Cursor(declaration.name, None, source, frame)
