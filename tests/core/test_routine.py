"""Which of several routines a call means, and how arguments may be declared."""

from datetime import UTC, datetime

import pytest

from clockmill.core.names import QualifiedName
from clockmill.core.routine import (
    AmbiguousCall,
    Argument,
    BadArguments,
    Given,
    NamedAndPositional,
    NoSuchOverload,
    Routine,
    RoutineKind,
    RoutineSpec,
    TableColumn,
    check_arguments,
    choose,
    require_fitting,
    shown_signature,
)
from clockmill.core.types import (
    ARRAY,
    BOOLEAN,
    DATE,
    FLOAT,
    NULL,
    NUMBER,
    TEXT,
    TIMESTAMP_NTZ,
    VARIANT,
    ColumnType,
    fixed,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def routine(*types: ColumnType, optional: int = 0) -> Routine:
    """A routine P with arguments A, B, … of *types*, the last *optional* of them with defaults."""
    arguments = tuple(
        Argument(name=chr(65 + place), type=kind, default="1" if place >= len(types) - optional else None)
        for place, kind in enumerate(types)
    )
    return Routine(
        id="-".join(str(each.kind) for each in types),
        kind=RoutineKind.PROCEDURE,
        name=QualifiedName("D", "S", "P"),
        owner="R",
        spec=RoutineSpec(arguments=arguments, returns=TEXT, body="x"),
        created_on=NOW,
        changed_on=NOW,
    )


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ((fixed(1),), (NUMBER,)),
        ((fixed(3, 1),), (NUMBER,)),
        ((FLOAT,), (FLOAT,)),
        ((TEXT,), (TEXT,)),
        ((TIMESTAMP_NTZ,), (DATE,)),
        ((BOOLEAN,), (VARIANT,)),
    ],
)
def test_the_overload_with_the_least_conversion_is_meant(
    given: tuple[ColumnType, ...], chosen: tuple[ColumnType, ...]
) -> None:
    overloads = [routine(kind) for kind in (NUMBER, FLOAT, TEXT, DATE, VARIANT)]
    assert choose("P", overloads, Given(given)).id == routine(*chosen).id


def test_the_number_of_arguments_tells_overloads_apart() -> None:
    overloads = [routine(NUMBER), routine(NUMBER, NUMBER), routine()]
    assert choose("P", overloads, Given((NUMBER, NUMBER))).types == ("NUMBER", "NUMBER")
    assert choose("P", overloads, Given()).types == ()


def test_an_exact_match_comes_before_one_that_needs_a_default() -> None:
    overloads = [routine(NUMBER, NUMBER, optional=1), routine(NUMBER)]
    assert choose("P", overloads, Given((NUMBER,))).types == ("NUMBER",)


def test_a_null_fits_every_type() -> None:
    assert choose("P", [routine(ARRAY)], Given((NULL,))).types == ("ARRAY",)


def test_a_call_that_could_mean_two_is_refused() -> None:
    """Guessing would be worse: the statement might change the wrong things."""
    with pytest.raises(AmbiguousCall, match=r"P\(NUMBER\) or P\(VARCHAR\)"):
        choose("P", [routine(NUMBER), routine(TEXT)], Given((NULL,)))


@pytest.mark.parametrize("given", [Given(), Given((TEXT, TEXT)), Given((ARRAY,)), Given((), {"Z": NUMBER})])
def test_arguments_that_no_overload_takes_are_refused(given: Given) -> None:
    with pytest.raises(NoSuchOverload, match="Invalid argument types for function 'P'") as caught:
        choose("P", [routine(NUMBER)], given)
    assert caught.value.code == "001044"


def test_arguments_are_found_by_name_in_any_order() -> None:
    overloads = [routine(NUMBER, TEXT, optional=1)]
    assert choose("P", overloads, Given((), {"B": TEXT, "A": NUMBER})) is overloads[0]
    assert choose("P", overloads, Given((), {"A": NUMBER})) is overloads[0]
    with pytest.raises(NoSuchOverload):
        choose("P", overloads, Given((), {"B": TEXT}))


def test_all_arguments_are_given_in_one_way() -> None:
    given = Given((NUMBER,), {"B": TEXT})
    with pytest.raises(NamedAndPositional):
        choose("P", [routine(NUMBER, TEXT)], given)
    with pytest.raises(NamedAndPositional):
        require_fitting("P", routine(NUMBER, TEXT).spec, given)


def test_one_definition_alone_is_held_against_a_call() -> None:
    require_fitting("P", routine(NUMBER).spec, Given((TEXT,)))
    with pytest.raises(NoSuchOverload):
        require_fitting("P", routine(NUMBER).spec, Given())


def test_arguments_with_defaults_stand_last_and_names_are_not_repeated() -> None:
    first = Argument(name="A", type=NUMBER, default="1")
    with pytest.raises(BadArguments, match="before those with one"):
        check_arguments([first, Argument(name="B", type=NUMBER)])
    with pytest.raises(BadArguments, match="duplicate argument name 'A'"):
        check_arguments([Argument(name="A", type=NUMBER), first])
    with pytest.raises(BadArguments, match="at most 500"):
        check_arguments([Argument(name=f"A{n}", type=NUMBER) for n in range(501)])


def test_a_signature_names_types_defaults_and_what_comes_back() -> None:
    assert shown_signature(routine(NUMBER, TEXT, optional=1)) == "P(NUMBER, DEFAULT VARCHAR) RETURN VARCHAR"
    table = RoutineSpec(columns=(TableColumn(name="a b", type=FLOAT),), body="x")
    of_table = Routine(
        id="1",
        kind=RoutineKind.FUNCTION,
        name=QualifiedName("D", "S", "f"),
        owner="R",
        spec=table,
        created_on=NOW,
        changed_on=NOW,
    )
    assert shown_signature(of_table) == '"f"() RETURN TABLE ("a b" FLOAT)'
