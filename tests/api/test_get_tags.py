"""GET …/tasks/{name}:get-tags."""

from tests.api.conftest import ADMIN, TASKS, Api

from clockmill.core.names import QualifiedName, SchemaName
from clockmill.core.tag import TagLevel


def test_lineage_adds_what_is_set_above(tagged: Api) -> None:
    cost = QualifiedName("DB", "S", "COST")
    tagged.services.tags.set_tags(ADMIN, TagLevel.SCHEMA, SchemaName("DB", "S"), [(cost, "low")])

    assert tagged.tags() == []
    [tag] = tagged.tags("?withLineage=True")
    assert (tag["tag_value"], tag["level"]) == ("low", "SCHEMA")


def test_the_tags_of_a_missing_task_are_not_found(api: Api) -> None:
    assert api.get(f"{TASKS}/nobody:get-tags").status_code == 404
