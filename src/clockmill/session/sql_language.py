"""LANGUAGE SQL: procedures whose bodies are scripting blocks, functions that the engine inlines."""

from clockmill.core.errors import Unsupported
from clockmill.core.routine import RoutineKind, RoutineSpec
from clockmill.engine.protocol import Binding
from clockmill.engine.result import Result
from clockmill.session.nested import Nested
from clockmill.session.scripting.interpreter import run_block
from clockmill.sql.scripting.parser import parse_block


class SqlLanguage:
    """Snowflake Scripting for procedures."""

    def check(self, kind: RoutineKind, spec: RoutineSpec) -> None:
        """Raise what is wrong with a body, or Unsupported for clauses of other languages."""
        for option in spec.options:
            raise Unsupported(f"{option} of a {kind.value.lower()} in SQL")
        if kind is RoutineKind.PROCEDURE:
            parse_block(spec.body)

    def call(self, nested: Nested, spec: RoutineSpec, arguments: dict[str, Binding]) -> Result:
        """Run a procedure's body."""
        block = parse_block(spec.body)
        return run_block(nested, block, arguments, spec.returns, wants_table=spec.is_table, last=arguments)
