"""Where a graph run may go on."""

import pytest

from clockmill.core.placement import TaskNeeds, is_met, needs_of, tokens_of


def given_node(name: str, *, has_engine: bool = False) -> frozenset[str]:
    return tokens_of(name, has_engine=has_engine)


def test_a_run_that_asks_for_nothing_may_go_anywhere() -> None:
    needs = needs_of([TaskNeeds(False), TaskNeeds(False)])

    assert needs is None
    assert is_met(needs, given_node("a"))


def test_one_task_that_needs_the_engine_takes_the_whole_run_to_it() -> None:
    needs = needs_of([TaskNeeds(False), TaskNeeds(True)])

    assert is_met(needs, given_node("a", has_engine=True))
    assert not is_met(needs, given_node("b"))


def test_warehouses_bind_a_run_to_the_nodes_that_all_of_them_run_on() -> None:
    needs = needs_of([TaskNeeds(False, frozenset("ab")), TaskNeeds(False, frozenset("bc"))])

    assert [name for name in "abc" if is_met(needs, given_node(name))] == ["b"]


def test_a_node_with_the_engine_may_take_what_needs_it_only_if_the_warehouse_runs_there() -> None:
    needs = needs_of([TaskNeeds(True, frozenset({"a"}))])

    assert is_met(needs, given_node("a", has_engine=True))
    assert not is_met(needs, given_node("b", has_engine=True))
    assert not is_met(needs, given_node("a"))


def test_a_run_that_no_node_can_do_is_taken_by_one_that_is_named_and_does_not_wait_for_ever() -> None:
    needs = needs_of([TaskNeeds(False, frozenset("a")), TaskNeeds(False, frozenset("b"))])

    assert [name for name in "abc" if is_met(needs, given_node(name))] == ["a", "b"]


@pytest.mark.parametrize(("name", "other"), [("a", "aa"), ("node-1", "node-10"), ("x.y", "y")])
def test_names_that_contain_one_another_are_told_apart(name: str, other: str) -> None:
    needs = needs_of([TaskNeeds(False, frozenset({other}))])

    assert not is_met(needs, given_node(name))
