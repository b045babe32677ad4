"""Pipelines of the kinds that people build most, from scripts: everything but the sockets is real."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.runner.plant import ADMIN, START, Plant

from clockmill.clock import VirtualClock


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    made = Plant(tmp_path / "data", VirtualClock(START))
    yield made
    made.close()


def _ends(plant: Plant) -> list[tuple[str, str, Any]]:
    """Return name, state and return value of every task run that has ended, by name."""
    rows = plant.instance.history.task_history(ADMIN)
    return sorted((row.name, row.state, row.return_value) for row in rows if row.state != "SCHEDULED")


# --- a dimension that keeps its history ------------------------------------------------------

_HISTORY = """
-- what the shop sends, and what is kept of it
create or replace table berths (berth int not null, ship varchar, tons number(9, 1));
create or replace table berth_history (
    berth int, ship varchar, tons number(9, 1),
    valid_from timestamp_ntz, valid_to timestamp_ntz, is_current boolean default true
);
create or replace stream berth_changes on table berths;

create or replace procedure keep_history(at timestamp_ntz)
returns varchar
language sql
as
declare
    closed int default 0;
    opened int default 0;
begin
    begin transaction;
    create or replace temporary table changes as
        select berth, ship, tons, metadata$action as action, metadata$isupdate as is_update
        from berth_changes;
    begin transaction;   // the statement before has ended the first one
    update berth_history h
        set valid_to = :at, is_current = false
        from changes c
        where h.berth = c.berth and h.is_current and c.action = 'DELETE';
    closed := sqlrowcount;
    merge into berth_history h
        using (
            select * from changes where action = 'INSERT'
            qualify row_number() over (partition by berth order by tons desc) = 1
        ) c
        on h.berth = c.berth and h.is_current
        when not matched then insert (berth, ship, tons, valid_from) values (c.berth, c.ship, c.tons, :at);
    opened := sqlrowcount;
    commit;
    return closed || ' closed, ' || opened || ' opened';
exception
    when other then
        rollback;
        raise;
end;

create or replace task keep_berths
    warehouse = compute_wh
    when system$stream_has_data('berth_changes')
as
begin
    let at timestamp_ntz := current_timestamp()::timestamp_ntz;
    let said varchar;
    call keep_history(:at) into :said;
    call system$set_return_value(:said);
end;

alter task keep_berths resume;
"""


def test_a_task_that_a_stream_starts_keeps_the_history_of_a_table(plant: Plant) -> None:
    plant.run_script(_HISTORY)
    plant.step()

    plant.clock.advance(minutes=5)
    plant.run("insert into berths values (1, 'Ada', 10), (2, 'Bea', 20), (3, 'Cyd', 30)")
    plant.step()
    plant.clock.advance(minutes=5)
    plant.run("update berths set ship = 'Dot', tons = 11.5 where berth = 1")
    plant.run("delete from berths where berth = 3")
    plant.step()
    plant.clock.advance(minutes=5)
    plant.step()

    assert _ends(plant) == [
        ("KEEP_BERTHS", "SKIPPED", None),  # the look that a resumed task takes at once
        ("KEEP_BERTHS", "SUCCEEDED", "0 closed, 3 opened"),
        ("KEEP_BERTHS", "SUCCEEDED", "2 closed, 1 opened"),
    ]
    history = plant.run(
        "select berth, ship, tons::varchar, timediff(minute, valid_from, valid_to), is_current"
        " from berth_history order by berth, valid_from"
    )
    assert history == [
        (1, "Ada", "10.0", 5, False),
        (1, "Dot", "11.5", None, True),
        (2, "Bea", "20.0", None, True),
        (3, "Cyd", "30.0", 5, False),
    ]


# --- a loader that a table configures --------------------------------------------------------

_LOADER = """
create or replace table feeds (
    feed int autoincrement, source varchar, target varchar, way varchar, options variant
);
create or replace table load_errors (
    run_id varchar, source varchar, code int, state varchar, message varchar
);
create or replace table reports (report variant);

create or replace table gauges (gauge int, level float); insert into gauges values (1, 0.5), (2, 1.5);
create or replace table gauges_kept like gauges;         insert into gauges_kept values (1, 9.9);
create or replace table notices as select 'high water' as notice;
create or replace table notices_kept (notice varchar(4));

insert into feeds (source, target, way, options)
    select column1, column2, column3, parse_json(column4) from values
        ('gauges', 'gauges_kept', 'merge', '{"key": "gauge", "where": "level > 0"}'),
        ('notices', 'notices_kept', 'replace', null),      -- does not fit
        ('tides', 'tides_kept', 'replace', null),          -- is not there
        ('gauges', 'gauges_kept', 'sideways', null);       -- nobody knows how

create or replace procedure load_one(source varchar, target varchar, way varchar, options variant)
returns int
language sql
execute as caller
as
$$
declare
    unknown_way exception (-20001, 'There is no such way to load.');
    columns varchar;
    command varchar;
begin
    select listagg(column_name, ', ') within group (order by ordinal_position) into :columns
        from information_schema.columns
        where table_schema = current_schema() and table_name = upper(:source);
    case (way)
        when 'merge' then
            let key varchar := options:key::varchar;
            command := 'merge into ' || target || ' t using (select * from ' || source
                || ' where ' || coalesce(options:where::varchar, 'true') || ') s'
                || ' on t.' || key || ' = s.' || key || ' when matched then delete';
            execute immediate :command;
            command := 'insert into ' || target || ' (' || columns || ') select ' || columns
                || ' from ' || source;
        when 'replace' then
            command := 'insert overwrite into identifier(?) select * from identifier(?)';
            execute immediate :command using (target, source);
            return sqlrowcount;
        else
            raise unknown_way;
    end;
    execute immediate :command;
    return sqlrowcount;
end;
$$;

create or replace task load_feeds
    schedule = '10 minutes' warehouse = compute_wh config = $${"keep_errors": true}$$
as
declare
    failed int default 0;
    run_id varchar default system$task_runtime_info('CURRENT_TASK_GRAPH_RUN_GROUP_ID');
    feeds_in_order cursor for select * from feeds order by feed;
begin
    for feed in feeds_in_order do
        let source varchar := feed.source;
        begin
            let target varchar := feed.target;
            let way varchar := feed.way;
            let options variant := feed.options;
            call load_one(:source, :target, :way, :options);
        exception
            when statement_error or expression_error then
                failed := failed + 1;
                insert into load_errors values (:run_id, :source, :sqlcode, :sqlstate, :sqlerrm);
            when other then
                raise;
        end;
    end for;
    call system$set_return_value(:failed);
end;

create or replace task alarm
    warehouse = compute_wh after load_feeds
    when system$get_predecessor_return_value('LOAD_FEEDS')::int > 0
as
    call system$set_return_value('somebody should look');

create or replace task report
    warehouse = compute_wh finalize = load_feeds
as
declare
    root varchar;
    began timestamp_ltz;
begin
    root := (call system$task_runtime_info('CURRENT_ROOT_TASK_UUID'));
    began := (
        call system$task_runtime_info('CURRENT_TASK_GRAPH_ORIGINAL_SCHEDULED_TIMESTAMP')::timestamp_ltz
    );
    insert into reports
        select object_agg(name, object_construct_keep_null('state', state, 'said', return_value))
        from table(information_schema.task_history(
            root_task_id => :root, scheduled_time_range_start => :began
        ))
        where state in ('SUCCEEDED', 'FAILED', 'SKIPPED');
    if (not system$get_task_graph_config('keep_errors')::boolean) then
        delete from load_errors;
    end if;
end;

select system$task_dependents_enable('load_feeds');
"""


def test_a_loader_goes_through_its_feeds_logs_what_fails_and_reports(plant: Plant) -> None:
    plant.run_script(_LOADER)

    plant.clock.advance(minutes=10)
    plant.step()

    assert plant.run("select gauge, level from gauges_kept order by gauge") == [(1, 0.5), (2, 1.5)]
    errors = plant.run("select source, code, state, message from load_errors order by source")
    assert [(source, code, state) for source, code, state, _ in errors] == [
        ("gauges", -20001, "P0001"),
        ("notices", 100078, "22000"),
        ("tides", 2003, "42S02"),
    ]
    assert errors[0][3].endswith("There is no such way to load.")
    ((report,),) = plant.run("select report from reports")
    assert json.loads(report) == {
        "LOAD_FEEDS": {"state": "SUCCEEDED", "said": "3"},
        "ALARM": {"state": "SUCCEEDED", "said": "somebody should look"},
    }
    assert [name for name, state, _ in _ends(plant) if state == "SUCCEEDED"] == [
        "ALARM",
        "LOAD_FEEDS",
        "REPORT",
    ]
