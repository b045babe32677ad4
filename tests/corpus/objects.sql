## CREATE TABLE says so
page: sql-reference/sql/create-table
CREATE OR REPLACE TRANSIENT TABLE t (a INT);
--
Table T successfully created.
columns: status

## a table that is there
page: sql-reference/sql/create-table
CREATE TABLE t (a INT);
CREATE TABLE t (a INT);
--
error: 002002 Object 'T' already exists.

## IF NOT EXISTS leaves it
page: sql-reference/sql/create-table
CREATE TABLE t (a INT);
CREATE TABLE IF NOT EXISTS t (b INT);
--
T already exists, statement succeeded.

## CREATE TABLE AS has the query's types
page: sql-reference/sql/create-table
CREATE TABLE t AS SELECT 1 AS a, 'x' AS b, 1.50 AS c, CURRENT_DATE AS d;
SELECT * FROM t;
--
1 | x | 1.50 | 2026-03-14
types: NUMBER(1,0), VARCHAR(1), NUMBER(3,2), DATE

## LIKE and CLONE
page: sql-reference/sql/create-clone
CREATE TABLE t (a INT NOT NULL, b VARCHAR DEFAULT 'd');
INSERT INTO t (a) VALUES (1);
CREATE TABLE u LIKE t;
CREATE TABLE v CLONE t;
INSERT INTO u (a) VALUES (2);
SELECT * FROM u UNION ALL SELECT * FROM v ORDER BY 1;
--
1 | d
2 | d

## a temporary table hides the lasting one
page: user-guide/tables-temp-transient
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
CREATE TEMPORARY TABLE t (a INT);
INSERT INTO t VALUES (2);
SELECT a FROM t;
--
2

## and gives it back
page: user-guide/tables-temp-transient
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
CREATE TEMPORARY TABLE t (a INT);
DROP TABLE t;
SELECT a FROM t;
--
1

## ALTER TABLE
page: sql-reference/sql/alter-table
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 2);
ALTER TABLE t ADD COLUMN c VARCHAR DEFAULT 'n';
ALTER TABLE t DROP COLUMN b;
ALTER TABLE t RENAME COLUMN a TO z;
ALTER TABLE t RENAME TO u;
SELECT * FROM u;
--
1 | n
columns: Z | C

## DROP says so
page: sql-reference/sql/drop-table
CREATE TABLE t (a INT);
DROP TABLE t;
--
T successfully dropped.

## DROP of nothing
page: sql-reference/sql/drop-table
DROP TABLE t;
--
error: 002003 Table 'T' does not exist or not authorized.

## DROP IF EXISTS
page: sql-reference/sql/drop-table
DROP TABLE IF EXISTS t;
--
Drop statement executed successfully (T already dropped).

## DROP of another kind
page: sql-reference/sql/drop-table
CREATE VIEW v AS SELECT 1 a;
DROP TABLE v;
--
error: 002203 Object found is of type 'VIEW'

## a view reads its own schema
page: sql-reference/sql/create-view
CREATE TABLE other.s.t (a INT);
INSERT INTO other.s.t VALUES (5);
CREATE VIEW other.s.v AS SELECT a * 2 AS b FROM t;
CREATE TABLE t (a INT);
SELECT b FROM other.s.v;
--
10

## a view with names of its own
page: sql-reference/sql/create-view
CREATE VIEW v (x, y) AS SELECT 1, 'a';
SELECT y, x FROM v;
--
a | 1

## a view whose table is gone
page: sql-reference/sql/create-view
CREATE TABLE t (a INT);
CREATE VIEW v AS SELECT a FROM t;
DROP TABLE t;
SELECT * FROM v;
--
error: 002003 Object 'T' does not exist or not authorized.

## sequences
page: user-guide/querying-sequences
CREATE SEQUENCE s START = 5 INCREMENT = 2;
CREATE TABLE t (a INT);
INSERT INTO t SELECT s.NEXTVAL FROM TABLE(GENERATOR(ROWCOUNT => 3));
SELECT a FROM t ORDER BY a;
--
5
7
9

## names in a database that is not there
page: sql-reference/name-resolution
CREATE TABLE nodb.s.t (a INT);
--
error: 002003 NODB

## an unknown type
page: sql-reference/intro-summary-data-types
CREATE TABLE t (a GEOMETRY);
--
error: 000002 GEOMETRY

## IDENTIFIER
page: sql-reference/identifier-literal
CREATE TABLE t (a INT);
INSERT INTO IDENTIFIER('db.public.t') VALUES (1);
SELECT a FROM IDENTIFIER('t');
--
1

## an external table
page: sql-reference/sql/create-external-table
CREATE EXTERNAL TABLE t (a INT);
--
error: 000002 Unsupported feature

## a comment that is changed
page: sql-reference/sql/comment
CREATE TABLE t (a INT);
ALTER TABLE t SET COMMENT = 'new';
--
Statement executed successfully.

## a table may be replaced by what it holds, directly, by way of a view, as a clone
page: sql-reference/sql/create-view
CREATE TABLE kept (a INT, b VARCHAR);
INSERT INTO kept VALUES (1, 'x'), (2, 'y');
CREATE VIEW through AS SELECT a, b FROM kept;
CREATE OR REPLACE TABLE kept AS SELECT a + 1 AS a, b FROM kept;
CREATE OR REPLACE TABLE kept AS SELECT a, b || '!' AS b FROM through;
CREATE OR REPLACE TABLE kept CLONE kept;
SELECT * FROM kept ORDER BY a;
--
2 | x!
3 | y!

## two tables swap their names
page: sql-reference/sql/alter-table
CREATE TABLE old (x INT, id INT AUTOINCREMENT);
CREATE TABLE new (y VARCHAR);
INSERT INTO old (x) VALUES (7);
INSERT INTO new VALUES ('n');
ALTER TABLE old SWAP WITH new;
INSERT INTO new (x) VALUES (8);
SELECT * FROM new ORDER BY id;
--
7 | 1
8 | 2
columns: X | ID

## a key that is added makes its columns NOT NULL
page: sql-reference/sql/alter-table
CREATE TABLE t (a INT) CLUSTER BY (a);
ALTER TABLE t DROP CLUSTERING KEY;
ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a);
INSERT INTO t VALUES (NULL);
--
error: 100072 NULL

## comments of views
page: sql-reference/sql/alter-view
CREATE VIEW w AS SELECT 1 AS a;
ALTER VIEW w SET COMMENT = 'x';
ALTER VIEW w UNSET COMMENT;
SELECT a FROM w;
--
1

## the numbers of a clone go on where those of its source stand
page: sql-reference/sql/create-clone
CREATE TABLE t (id INT IDENTITY(10, 5), v VARCHAR);
INSERT INTO t (v) VALUES ('a'), ('b');
CREATE TABLE c CLONE t;
INSERT INTO c (v) VALUES ('c');
SELECT id, v FROM c ORDER BY id;
--
10 | a
15 | b
20 | c

## the numbers of a table that is like another begin as its do
page: sql-reference/sql/create-table
CREATE TABLE t (id INT AUTOINCREMENT START 7 INCREMENT 2, v VARCHAR);
INSERT INTO t (v) VALUES ('a');
CREATE TABLE l LIKE t;
INSERT INTO l (v) VALUES ('b'), ('c');
SELECT id, v FROM l ORDER BY id;
--
7 | b
9 | c

## a column that must not be NULL has its default in the rows that are there
page: sql-reference/sql/alter-table
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
ALTER TABLE t ADD COLUMN b INT NOT NULL DEFAULT 5;
INSERT INTO t (a) VALUES (2);
SELECT a, b FROM t ORDER BY a;
--
1 | 5
2 | 5

## LOCAL, GLOBAL and VOLATILE tables are temporary ones
page: sql-reference/sql/create-table
CREATE LOCAL TEMPORARY TABLE p (a INT);
CREATE GLOBAL TEMP TABLE q (a INT);
CREATE VOLATILE TABLE r AS SELECT 7 AS a;
SELECT a FROM r;
--
7

## the word COLUMN may be left out where columns are dropped
page: sql-reference/sql/alter-table
CREATE TABLE t (a INT, b INT, c INT, d INT, e INT);
ALTER TABLE t DROP a;
ALTER TABLE public.t DROP IF EXISTS b, c;
SELECT * FROM t;
--
columns: D | E
