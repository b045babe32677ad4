## TABLES
page: sql-reference/info-schema/tables
CREATE TABLE t (a INT) COMMENT = 'ticks';
INSERT INTO t VALUES (1), (2);
SELECT table_catalog, table_schema, table_name, table_type, row_count, comment FROM INFORMATION_SCHEMA.TABLES WHERE table_schema = 'PUBLIC';
--
DB | PUBLIC | T | BASE TABLE | 2 | ticks

## TABLES has views too
page: sql-reference/info-schema/tables
CREATE TABLE t (a INT);
CREATE VIEW v AS SELECT a FROM t;
SELECT table_name, table_type FROM INFORMATION_SCHEMA.TABLES WHERE table_schema = 'PUBLIC' ORDER BY 1;
--
T | BASE TABLE
V | VIEW

## VIEWS have their text
page: sql-reference/info-schema/views
CREATE TABLE t (a INT);
CREATE VIEW v AS SELECT a FROM t;
SELECT table_name, view_definition FROM INFORMATION_SCHEMA.VIEWS WHERE table_schema = 'PUBLIC';
--
V | SELECT a FROM t

## COLUMNS
page: sql-reference/info-schema/columns
CREATE TABLE t (a INT NOT NULL, b VARCHAR(10) DEFAULT 'x', c TIMESTAMP_NTZ, d NUMBER(8, 2), e FLOAT);
SELECT column_name, ordinal_position, is_nullable, data_type, numeric_precision, numeric_scale, character_maximum_length FROM INFORMATION_SCHEMA.COLUMNS WHERE table_schema = 'PUBLIC' AND table_name = 'T' ORDER BY ordinal_position;
--
A | 1 | NO | NUMBER | 38 | 0 | NULL
B | 2 | YES | TEXT | NULL | NULL | 10
C | 3 | YES | TIMESTAMP_NTZ | NULL | NULL | NULL
D | 4 | YES | NUMBER | 8 | 2 | NULL
E | 5 | YES | FLOAT | NULL | NULL | NULL

## the default of a column
page: sql-reference/info-schema/columns
CREATE TABLE t (a INT DEFAULT 5, b VARCHAR DEFAULT 'x');
SELECT column_name, column_default FROM INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'T' AND table_schema = 'PUBLIC' ORDER BY 1;
--
A | 5
B | 'x'

## SCHEMATA
page: sql-reference/info-schema/schemata
SELECT catalog_name, schema_name FROM INFORMATION_SCHEMA.SCHEMATA WHERE schema_name = 'PUBLIC';
--
DB | PUBLIC

## DATABASES
page: sql-reference/info-schema/databases
SELECT database_name FROM INFORMATION_SCHEMA.DATABASES WHERE database_name IN ('DB', 'OTHER') ORDER BY 1;
--
DB
OTHER

## SEQUENCES
page: sql-reference/info-schema/sequences
CREATE SEQUENCE seq START = 5 INCREMENT = 10;
SELECT sequence_name, start_value, "INCREMENT" FROM INFORMATION_SCHEMA.SEQUENCES WHERE sequence_schema = 'PUBLIC';
--
SEQ | 5 | 10

## PROCEDURES
page: sql-reference/info-schema/procedures
CREATE PROCEDURE p(a INT) RETURNS VARCHAR AS 'BEGIN RETURN a; END';
SELECT procedure_name, argument_signature, data_type, procedure_language FROM INFORMATION_SCHEMA.PROCEDURES WHERE procedure_schema = 'PUBLIC';
--
P | (A NUMBER) | VARCHAR | SQL

## FUNCTIONS
page: sql-reference/info-schema/functions
CREATE FUNCTION f(a INT) RETURNS INT AS 'a + 1';
SELECT function_name, argument_signature, function_definition FROM INFORMATION_SCHEMA.FUNCTIONS WHERE function_schema = 'PUBLIC';
--
F | (A NUMBER) | a + 1

## the views of another database
page: sql-reference/info-schema
CREATE TABLE other.s.t (a INT);
SELECT table_catalog, table_name FROM other.INFORMATION_SCHEMA.TABLES WHERE table_schema = 'S';
--
OTHER | T

## the views join
page: sql-reference/info-schema
CREATE TABLE t (a INT, b INT);
CREATE TABLE u (a INT);
SELECT t.table_name, COUNT(*) FROM INFORMATION_SCHEMA.TABLES t JOIN INFORMATION_SCHEMA.COLUMNS c ON c.table_name = t.table_name AND c.table_schema = t.table_schema WHERE t.table_schema = 'PUBLIC' GROUP BY 1 ORDER BY 1;
--
T | 2
U | 1

## a table that was dropped is not listed
page: sql-reference/info-schema/tables
CREATE TABLE t (a INT);
DROP TABLE t;
SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE table_schema = 'PUBLIC';
--
0

## QUERY_HISTORY_BY_SESSION has what the session ran
page: sql-reference/functions/query_history
SELECT 'tick';
SELECT query_text, query_type, execution_status FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION(RESULT_LIMIT => 10)) WHERE query_text LIKE '%tick''';
--
SELECT 'tick' | SELECT | SUCCESS

## TASK_HISTORY of a task without runs
page: sql-reference/functions/task_history
CREATE TASK tick SCHEDULE = '1 HOUR' AS SELECT 1;
SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'TICK'));
--
0

## CURRENT_TASK_GRAPHS has a graph that waits for its time
page: sql-reference/functions/current_task_graphs
CREATE TASK tick SCHEDULE = '15 MINUTES' AS SELECT 1;
ALTER TASK tick RESUME;
SELECT root_task_name, state, scheduled_time::TIMESTAMP_NTZ FROM TABLE(INFORMATION_SCHEMA.CURRENT_TASK_GRAPHS(ROOT_TASK_NAME => 'TICK'));
--
TICK | SCHEDULED | 2026-03-14 08:24:26

## COMPLETE_TASK_GRAPHS of a graph without runs
page: sql-reference/functions/complete_task_graphs
SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.COMPLETE_TASK_GRAPHS(ROOT_TASK_NAME => 'NONE_SUCH'));
--
0

## a view of the schema that is not there
page: sql-reference/info-schema
SELECT * FROM INFORMATION_SCHEMA.NO_SUCH_VIEW;
--
error: 002003 does not exist or not authorized
