## SHOW TABLES
page: sql-reference/sql/show-tables
CREATE TABLE t (a INT) COMMENT = 'c';
INSERT INTO t VALUES (1);
SHOW TABLES IN SCHEMA db.public;
SELECT "name", "database_name", "schema_name", "kind", "comment", "rows" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
T | DB | PUBLIC | TABLE | c | 1

## LIKE does not heed case, STARTS WITH does
page: sql-reference/sql/show-tables
CREATE TABLE alpha (a INT);
CREATE TABLE beta (a INT);
SHOW TABLES LIKE 'AL%' IN SCHEMA STARTS WITH 'A';
SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
ALPHA

## STARTS WITH in the wrong case finds nothing
page: sql-reference/sql/show-tables
CREATE TABLE alpha (a INT);
SHOW TABLES IN SCHEMA STARTS WITH 'a';
SELECT COUNT(*) FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
0

## LIMIT and FROM page
page: sql-reference/sql/show-tables
CREATE TABLE a1 (a INT);
CREATE TABLE a2 (a INT);
CREATE TABLE a3 (a INT);
SHOW TABLES IN SCHEMA LIMIT 1 FROM 'A1';
SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
A2

## SHOW TERSE TABLES
page: sql-reference/sql/show-tables
SHOW TERSE TABLES IN SCHEMA;
--
columns: created_on | name | kind | database_name | schema_name

## SHOW VIEWS
page: sql-reference/sql/show-views
CREATE TABLE t (a INT);
CREATE VIEW v AS SELECT a FROM t;
SHOW VIEWS IN SCHEMA;
SELECT "name", "is_materialized" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
V | false

## SHOW COLUMNS
page: sql-reference/sql/show-columns
CREATE TABLE t (a INT NOT NULL, b VARCHAR(5));
SHOW COLUMNS IN TABLE t;
SELECT "table_name", "column_name", PARSE_JSON("data_type"):type::VARCHAR, PARSE_JSON("data_type"):nullable::BOOLEAN FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
T | A | FIXED | false
T | B | TEXT | true

## SHOW SCHEMAS
page: sql-reference/sql/show-schemas
SHOW SCHEMAS LIKE 'public' IN DATABASE db;
SELECT "name", "is_current", "database_name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
PUBLIC | Y | DB

## SHOW DATABASES
page: sql-reference/sql/show-databases
SHOW DATABASES LIKE 'db';
SELECT "name", "is_current" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
DB | Y

## SHOW WAREHOUSES
page: sql-reference/sql/show-warehouses
SHOW WAREHOUSES LIKE 'wh';
SELECT "name", "size" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
WH | X-Small

## SHOW SEQUENCES
page: sql-reference/sql/show-sequences
CREATE SEQUENCE seq START 3 INCREMENT 2;
SHOW SEQUENCES IN SCHEMA;
SELECT "name", "next_value", "interval" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
SEQ | 3 | 2

## SHOW VARIABLES
page: sql-reference/sql/show-variables
SET tick = 60;
SHOW VARIABLES;
SELECT "name", "value", "type" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
TICK | 60 | fixed

## SHOW PARAMETERS
page: sql-reference/sql/show-parameters
ALTER SESSION SET TIMEZONE = 'UTC';
SHOW PARAMETERS LIKE 'TIMEZONE';
SELECT "key", "value", "default", "level" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
TIMEZONE | UTC | America/Los_Angeles | SESSION

## SHOW OBJECTS
page: sql-reference/sql/show-objects
CREATE TABLE t (a INT);
CREATE VIEW v AS SELECT a FROM t;
SHOW OBJECTS IN SCHEMA;
SELECT "name", "kind" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) ORDER BY 1;
--
T | TABLE
V | VIEW

## SHOW PRIMARY KEYS
page: sql-reference/sql/show-primary-keys
CREATE TABLE t (a INT PRIMARY KEY, b INT);
SHOW PRIMARY KEYS IN TABLE t;
SELECT "table_name", "column_name", "key_sequence" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
T | A | 1

## DESCRIBE TABLE
page: sql-reference/sql/desc-table
CREATE TABLE t (a INT NOT NULL, b VARCHAR(10) DEFAULT 'x');
DESCRIBE TABLE t;
SELECT "name", "type", "kind", "null?", "default" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
A | NUMBER(38,0) | COLUMN | N | NULL
B | VARCHAR(10) | COLUMN | Y | 'x'

## DESCRIBE VIEW
page: sql-reference/sql/desc-view
CREATE TABLE t (a INT, b VARCHAR);
CREATE VIEW v AS SELECT a, UPPER(b) AS c FROM t;
DESCRIBE VIEW v;
SELECT "name", "kind" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
A | COLUMN
C | COLUMN

## SHOW of a schema that is not there
page: sql-reference/sql/show-tables
SHOW TABLES IN SCHEMA db.no_such_schema;
--
error: 002043 does not exist

## SHOW ROLES
page: sql-reference/sql/show-roles
SHOW ROLES LIKE 'SYSADMIN';
SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
SYSADMIN

## SHOW CURRENT things follow USE
page: sql-reference/sql/use-schema
USE SCHEMA other.s;
SELECT CURRENT_DATABASE(), CURRENT_SCHEMA();
--
OTHER | S

## USE of a schema that is not there
page: sql-reference/sql/use-schema
USE SCHEMA no_such_schema;
--
error: 002043 does not exist
