"""What an engine is told of the catalog: the namespace of a schema, and the functions of a name."""

from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.routine import Routine, RoutineKind
from clockmill.service.catalog import CatalogService
from clockmill.service.routines import RoutineService


class Namespaces:
    """The engine's :class:`~clockmill.engine.protocol.Catalog`, from what the services know."""

    def __init__(self, catalog: CatalogService, routines: RoutineService) -> None:
        self._catalog = catalog
        self._routines = routines

    def namespace(self, schema: SchemaName) -> str:
        """Return the id of *schema*, or raise NotFound for the schema or its database."""
        return self._catalog.namespace(schema)

    def functions(self, name: QualifiedName) -> tuple[Routine, ...]:
        """Return the functions called *name*, overloads of one another; none if there are none."""
        return self._routines.overloads(RoutineKind.FUNCTION, name)
