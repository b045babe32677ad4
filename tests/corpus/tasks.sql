## CREATE TASK says what it did
page: sql-reference/sql/create-task
CREATE TASK tick WAREHOUSE = wh SCHEDULE = '5 MINUTES' AS SELECT 1;
--
Task TICK successfully created.
columns: status

## a new task is suspended
page: sql-reference/sql/create-task
CREATE TASK tick WAREHOUSE = wh SCHEDULE = 'USING CRON 0 9 * * MON-FRI America/Los_Angeles' AS INSERT INTO t VALUES (1);
SHOW TASKS IN SCHEMA;
SELECT "name", "state", "schedule", "warehouse", "definition" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
TICK | suspended | USING CRON 0 9 * * MON-FRI America/Los_Angeles | WH | INSERT INTO t VALUES (1)

## CREATE TASK of a name that is taken
page: sql-reference/sql/create-task
CREATE TASK tick SCHEDULE = '1 MINUTE' AS SELECT 1;
CREATE TASK tick SCHEDULE = '1 MINUTE' AS SELECT 1;
--
error: 002002 already exists

## CREATE TASK IF NOT EXISTS leaves the task
page: sql-reference/sql/create-task
CREATE TASK tick SCHEDULE = '1 MINUTE' AS SELECT 1;
CREATE TASK IF NOT EXISTS tick SCHEDULE = '2 MINUTES' AS SELECT 2;
--
TICK already exists, statement succeeded.

## CREATE OR REPLACE TASK
page: sql-reference/sql/create-task
CREATE TASK tick SCHEDULE = '1 MINUTE' AS SELECT 1;
CREATE OR REPLACE TASK tick SCHEDULE = '2 HOURS' AS SELECT 2;
DESCRIBE TASK tick;
SELECT "schedule", "definition" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
2 HOURS | SELECT 2

## CREATE OR ALTER TASK
page: sql-reference/sql/create-task
CREATE TASK tick SCHEDULE = '1 MINUTE' COMMENT = 'first' AS SELECT 1;
CREATE OR ALTER TASK tick SCHEDULE = '3 MINUTES' AS SELECT 3;
DESCRIBE TASK tick;
SELECT "schedule", "definition", "comment" = '' FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
3 MINUTES | SELECT 3 | true

## a child after its predecessor
page: user-guide/tasks-graphs
CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK child AFTER root AS SELECT 2;
DESCRIBE TASK child;
SELECT PARSE_JSON("predecessors")[0]::VARCHAR, "schedule" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
DB.PUBLIC.ROOT | NULL

## a child after two
page: user-guide/tasks-graphs
CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK a AFTER root AS SELECT 1;
CREATE TASK b AFTER root AS SELECT 1;
CREATE TASK c AFTER a, b AS SELECT 1;
DESCRIBE TASK c;
SELECT ARRAY_SIZE(PARSE_JSON("predecessors")) FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
2

## a finalizer
page: user-guide/tasks-graphs
CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK ending FINALIZE = root AS SELECT 2;
SHOW TASKS LIKE 'ending';
SELECT PARSE_JSON("task_relations"):FinalizedRootTask::VARCHAR FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
DB.PUBLIC.ROOT

## SHOW TASKS ROOT ONLY
page: sql-reference/sql/show-tasks
CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK child AFTER root AS SELECT 2;
SHOW TASKS IN SCHEMA ROOT ONLY;
SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
ROOT

## SHOW TASKS LIMIT … FROM
page: sql-reference/sql/show-tasks
CREATE TASK a SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK b SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK c SCHEDULE = '1 HOUR' AS SELECT 1;
SHOW TASKS IN SCHEMA LIMIT 1 FROM 'A';
SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
B

## SHOW TASKS STARTS WITH heeds case
page: sql-reference/sql/show-tasks
CREATE TASK alpha SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK beta SCHEDULE = '1 HOUR' AS SELECT 1;
SHOW TASKS IN SCHEMA STARTS WITH 'AL';
SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
ALPHA

## SHOW TERSE TASKS
page: sql-reference/sql/show-tasks
SHOW TERSE TASKS IN SCHEMA;
--
columns: created_on | name | kind | database_name | schema_name | schedule

## ALTER TASK RESUME
page: sql-reference/sql/alter-task
CREATE TASK tick SCHEDULE = '1 HOUR' AS SELECT 1;
ALTER TASK tick RESUME;
SHOW TASKS LIKE 'tick' IN SCHEMA;
SELECT "state" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
started

## ALTER TASK SUSPEND
page: sql-reference/sql/alter-task
CREATE TASK tick SCHEDULE = '1 HOUR' AS SELECT 1;
ALTER TASK tick RESUME;
ALTER TASK tick SUSPEND;
SHOW TASKS LIKE 'tick' IN SCHEMA;
SELECT "state", "last_suspended_reason" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
suspended | USER_SUSPENDED

## ALTER TASK SET and UNSET
page: sql-reference/sql/alter-task
CREATE TASK tick SCHEDULE = '1 HOUR' COMMENT = 'c' AS SELECT 1;
ALTER TASK tick SET SCHEDULE = '30 SECONDS', ALLOW_OVERLAPPING_EXECUTION = TRUE;
ALTER TASK tick UNSET COMMENT;
DESCRIBE TASK tick;
SELECT "schedule", "allow_overlapping_execution", "comment" = '' FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
30 SECONDS | true | true

## ALTER TASK MODIFY AS
page: sql-reference/sql/alter-task
CREATE TASK tick SCHEDULE = '1 HOUR' AS SELECT 1;
ALTER TASK tick MODIFY AS SELECT 2;
DESCRIBE TASK tick;
SELECT "definition" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
SELECT 2

## ALTER TASK MODIFY WHEN
page: sql-reference/sql/alter-task
CREATE TASK tick SCHEDULE = '1 HOUR' AS SELECT 1;
ALTER TASK tick MODIFY WHEN SYSTEM$STREAM_HAS_DATA('s');
DESCRIBE TASK tick;
SELECT "condition" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
SYSTEM$STREAM_HAS_DATA('s')

## ALTER TASK REMOVE WHEN
page: sql-reference/sql/alter-task
CREATE TASK tick SCHEDULE = '1 HOUR' WHEN SYSTEM$STREAM_HAS_DATA('s') AS SELECT 1;
ALTER TASK tick REMOVE WHEN;
DESCRIBE TASK tick;
SELECT "condition" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
NULL

## ALTER TASK ADD AFTER and REMOVE AFTER
page: sql-reference/sql/alter-task
CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK a AFTER root AS SELECT 1;
CREATE TASK b AFTER root AS SELECT 1;
ALTER TASK b ADD AFTER a;
ALTER TASK b REMOVE AFTER root;
DESCRIBE TASK b;
SELECT PARSE_JSON("predecessors")[0]::VARCHAR FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
DB.PUBLIC.A

## EXECUTE TASK of a child is refused
page: sql-reference/sql/execute-task
CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK child AFTER root AS SELECT 2;
EXECUTE TASK child;
--
error: 091435 Execute task cannot be called on non-root task

## EXECUTE TASK
page: sql-reference/sql/execute-task
CREATE TASK tick SCHEDULE = '1 HOUR' AS SELECT 1;
EXECUTE TASK tick;
--
Task TICK is scheduled to run immediately.

## EXECUTE TASK of none
page: sql-reference/sql/execute-task
EXECUTE TASK no_such_task;
--
error: 002003 does not exist or not authorized

## a clone of a task
page: sql-reference/sql/create-clone
CREATE TASK tick SCHEDULE = '7 MINUTES' AS SELECT 7;
CREATE TASK tock CLONE tick;
DESCRIBE TASK tock;
SELECT "name", "schedule", "definition", "state" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
TOCK | 7 MINUTES | SELECT 7 | suspended

## DROP TASK
page: sql-reference/sql/drop-task
CREATE TASK tick SCHEDULE = '1 HOUR' AS SELECT 1;
DROP TASK tick;
--
TICK successfully dropped.

## DROP TASK IF EXISTS of none
page: sql-reference/sql/drop-task
DROP TASK IF EXISTS tick;
--
Drop statement executed successfully (TICK already dropped).

## a schedule that is none
page: sql-reference/sql/create-task
CREATE TASK tick SCHEDULE = 'whenever' AS SELECT 1;
--
error: Invalid schedule was specified

## a graph with a cycle is not resumed
page: user-guide/tasks-graphs
CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK a AFTER root AS SELECT 1;
CREATE TASK b AFTER a AS SELECT 1;
ALTER TASK a ADD AFTER b;
ALTER TASK root RESUME;
--
error: Graph has at least one cycle

## a body of scripting is kept as it is written
page: sql-reference/sql/create-task
CREATE TASK tick
  SCHEDULE = '1 HOUR'
AS
BEGIN
  LET x := 1;
  INSERT INTO t VALUES (:x);
END;
DESCRIBE TASK tick;
SELECT LEFT("definition", 5), CONTAINS("definition", 'LET x := 1;') FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
BEGIN | true

## SHOW PARAMETERS IN TASK
page: sql-reference/sql/show-parameters
CREATE TASK tick SCHEDULE = '1 HOUR' SUSPEND_TASK_AFTER_NUM_FAILURES = 3 AS SELECT 1;
SHOW PARAMETERS LIKE 'SUSPEND_TASK%' IN TASK tick;
SELECT "key", "value", "default", "level" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
SUSPEND_TASK_AFTER_NUM_FAILURES | 3 | 10 | TASK

## session parameters of a task
page: sql-reference/sql/create-task
CREATE TASK tick SCHEDULE = '1 HOUR' TIMEZONE = 'UTC' AS SELECT 1;
SHOW PARAMETERS LIKE 'TIMEZONE' IN TASK tick;
SELECT "value", "level" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
UTC | TASK

## the configuration of a graph
page: sql-reference/sql/create-task
CREATE TASK tick SCHEDULE = '1 HOUR' CONFIG = $${"teeth": 60}$$ AS SELECT 1;
DESCRIBE TASK tick;
SELECT PARSE_JSON("config"):teeth::INT FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
60

## SYSTEM$TASK_DEPENDENTS_ENABLE resumes a graph
page: sql-reference/functions/system_task_dependents_enable
CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK child AFTER root AS SELECT 2;
SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('root');
SHOW TASKS IN SCHEMA;
SELECT "name", "state" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) ORDER BY 1;
--
CHILD | started
ROOT | started

## TASK_DEPENDENTS
page: sql-reference/functions/task_dependents
CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK a AFTER root AS SELECT 2;
CREATE TASK b AFTER a AS SELECT 2;
SELECT name FROM TABLE(INFORMATION_SCHEMA.TASK_DEPENDENTS(TASK_NAME => 'db.public.root')) ORDER BY name;
--
A
B
ROOT

## TASK_DEPENDENTS without those below
page: sql-reference/functions/task_dependents
CREATE TASK root SCHEDULE = '1 HOUR' AS SELECT 1;
CREATE TASK a AFTER root AS SELECT 2;
CREATE TASK b AFTER a AS SELECT 2;
SELECT name FROM TABLE(INFORMATION_SCHEMA.TASK_DEPENDENTS(TASK_NAME => 'root', RECURSIVE => FALSE)) ORDER BY name;
--
A
ROOT

## TASK_HISTORY has the next run of a task
page: sql-reference/functions/task_history
CREATE TASK tick SCHEDULE = '10 MINUTES' AS SELECT 1;
ALTER TASK tick RESUME;
SELECT name, state, scheduled_time::VARCHAR FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'TICK'));
--
TICK | SCHEDULED | 2026-03-14 08:19:26.000 -0700

## COMMENT ON TASK
page: sql-reference/sql/comment
CREATE TASK tick SCHEDULE = '1 HOUR' AS SELECT 1;
COMMENT ON TASK tick IS 'strikes';
DESCRIBE TASK tick;
SELECT "comment" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
strikes

## a triggered task has no schedule
page: user-guide/tasks-triggered
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
CREATE TASK tick WAREHOUSE = wh WHEN SYSTEM$STREAM_HAS_DATA('s') AS INSERT INTO t2 SELECT a FROM s;
DESCRIBE TASK tick;
SELECT "schedule", "condition" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
NULL | SYSTEM$STREAM_HAS_DATA('s')
