## INSERT counts its rows
page: sql-reference/sql/insert
CREATE TABLE t (a INT, b VARCHAR DEFAULT 'x', c INT AUTOINCREMENT START 10 INCREMENT 5);
INSERT INTO t (a) VALUES (1), (2);
--
2
columns: number of rows inserted

## defaults and identities fill what is left out
page: sql-reference/sql/create-table
CREATE TABLE t (a INT, b VARCHAR DEFAULT 'x', c INT AUTOINCREMENT START 10 INCREMENT 5);
INSERT INTO t (a) VALUES (1), (2);
INSERT INTO t (a, b) VALUES (3, DEFAULT);
SELECT * FROM t ORDER BY a;
--
1 | x | 10
2 | x | 15
3 | x | 20

## INSERT of a query, by position
page: sql-reference/sql/insert
CREATE TABLE t (a INT, b VARCHAR);
INSERT INTO t (b, a) SELECT 'x', 5;
SELECT * FROM t;
--
5 | x

## INSERT OVERWRITE replaces all rows, also from the table itself
page: sql-reference/sql/insert
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2);
INSERT OVERWRITE INTO t SELECT a + 10 FROM t;
SELECT a FROM t ORDER BY a;
--
11
12

## UPDATE from another table, and its two counts
page: sql-reference/sql/update
CREATE TABLE t (k INT, v INT);
INSERT INTO t VALUES (1, 0), (2, 0);
UPDATE t SET v = s.v FROM (SELECT 1 k, 7 v UNION ALL SELECT 1, 7) s WHERE t.k = s.k;
--
1 | 1
columns: number of rows updated | number of multi-joined rows updated

## DELETE with USING
page: sql-reference/sql/delete
CREATE TABLE t (k INT);
INSERT INTO t VALUES (1), (2), (3);
DELETE FROM t USING (SELECT 2 k) s WHERE t.k >= s.k;
--
2
columns: number of rows deleted

## MERGE
page: sql-reference/sql/merge
CREATE TABLE t (k INT, v VARCHAR);
INSERT INTO t VALUES (1, 'old'), (2, 'old'), (3, 'old');
MERGE INTO t USING (SELECT 1 k, 'new' v UNION ALL SELECT 2, NULL UNION ALL SELECT 9, 'new') s ON t.k = s.k WHEN MATCHED AND s.v IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v);
--
1 | 1 | 1
columns: number of rows inserted | number of rows updated | number of rows deleted

## MERGE whose source has a row twice
page: sql-reference/sql/merge
CREATE TABLE t (k INT, v INT);
INSERT INTO t VALUES (1, 0);
MERGE INTO t USING (SELECT 1 k, 1 v UNION ALL SELECT 1, 2) s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = s.v;
--
error: 100090 Duplicate row detected during DML action

## NOT NULL
page: sql-reference/constraints-overview
CREATE TABLE t (a INT NOT NULL);
INSERT INTO t VALUES (NULL);
--
error: 100072 NULL result in a non-nullable column

## too few values
page: sql-reference/sql/insert
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1);
--
error: 002020 Insert value list does not match column list expecting 2 but got 1

## TRUNCATE
page: sql-reference/sql/truncate-table
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
TRUNCATE TABLE t;
SELECT COUNT(*) FROM t;
--
0

## variants in tables
page: sql-reference/data-types-semistructured
CREATE TABLE t (v VARIANT);
INSERT INTO t SELECT PARSE_JSON('{"a": [1]}');
INSERT INTO t SELECT OBJECT_CONSTRUCT('a', ARRAY_CONSTRUCT(2));
SELECT SUM(v:a[0]::INT) FROM t;
--
3

## INSERT ALL puts every row into every table, and counts each
page: sql-reference/sql/insert-multi-table
CREATE TABLE t (a INT, b VARCHAR DEFAULT 'd');
CREATE TABLE u (x INT);
INSERT ALL INTO t INTO t (a) VALUES (k + 10) INTO u VALUES (k) SELECT 1 k, 'x' v UNION ALL SELECT 2, 'y';
--
4 | 2
columns: number of rows inserted into T | number of rows inserted into U

## INSERT ALL takes defaults and NULL
page: sql-reference/sql/insert-multi-table
CREATE TABLE t (a INT, b VARCHAR DEFAULT 'd', c INT AUTOINCREMENT);
INSERT ALL INTO t (a, b) VALUES (k, DEFAULT) INTO t (a) VALUES (NULL) INTO t (b, a) VALUES (v, k) SELECT 1 k, 'x' v;
SELECT a, b FROM t ORDER BY a, b;
--
1 | d
1 | x
NULL | d

## INSERT ALL with conditions puts a row wherever one holds, and into ELSE where none does
page: sql-reference/sql/insert-multi-table
CREATE TABLE t (a INT);
CREATE TABLE u (a INT);
CREATE TABLE v (a INT);
INSERT ALL WHEN a > 1 THEN INTO t WHEN a > 2 THEN INTO u INTO t ELSE INTO v
  SELECT * FROM VALUES (1), (2), (3), (NULL) x (a);
SELECT 't', a FROM t UNION ALL SELECT 'u', a FROM u UNION ALL SELECT 'v', a FROM v ORDER BY 1, 2;
--
t | 2
t | 3
t | 3
u | 3
v | 1
v | NULL

## INSERT FIRST puts a row where the first condition holds
page: sql-reference/sql/insert-multi-table
CREATE TABLE t (a INT);
CREATE TABLE u (a INT);
CREATE TABLE v (a INT);
INSERT FIRST WHEN a > 2 THEN INTO t WHEN a > 1 THEN INTO u ELSE INTO v
  SELECT * FROM VALUES (1), (2), (3), (NULL) x (a);
SELECT 't', a FROM t UNION ALL SELECT 'u', a FROM u UNION ALL SELECT 'v', a FROM v ORDER BY 1, 2;
--
t | 3
u | 2
v | 1
v | NULL

## INSERT OVERWRITE ALL replaces what the tables held, once, and may read them
page: sql-reference/sql/insert-multi-table
CREATE TABLE t (a INT);
CREATE TABLE u (a INT);
INSERT INTO t VALUES (1), (2);
INSERT INTO u VALUES (7);
INSERT OVERWRITE ALL INTO t INTO t VALUES (a + 100) INTO u SELECT a + 10 a FROM t;
SELECT 't', a FROM t UNION ALL SELECT 'u', a FROM u ORDER BY 1, 2;
--
t | 11
t | 12
t | 111
t | 112
u | 11
u | 12

## INSERT into several tables inserts all or nothing
page: sql-reference/sql/insert-multi-table
CREATE TABLE t (a INT);
INSERT ALL INTO t INTO t VALUES (1 / k) SELECT 0 k;
--
error: 100051 Division by zero

## INSERT into several tables needs as many values as columns
page: sql-reference/sql/insert-multi-table
CREATE TABLE t (a INT);
INSERT ALL INTO t SELECT 1, 2;
--
error: 002020 expecting 1 but got 2

## MERGE that only deletes may meet a row twice
page: sql-reference/sql/merge
CREATE TABLE t (k INT);
INSERT INTO t VALUES (1), (2);
MERGE INTO t USING (SELECT 1 AS k, 5 AS v UNION ALL SELECT 1, 6) s ON t.k = s.k WHEN MATCHED AND s.v < 7 THEN DELETE;
SELECT k FROM t;
--
2

## MERGE that inserts by names which the target has too
page: sql-reference/sql/merge
CREATE TABLE t (k INT, v VARCHAR);
MERGE INTO t AS d USING (SELECT 1 k, 'new' v) s ON d.k = s.k WHEN NOT MATCHED AND v = 'new' THEN INSERT (k, v) VALUES (k, v);
SELECT * FROM t;
--
1 | new

## a temporary view
page: sql-reference/sql/create-view
CREATE VIEW v AS SELECT 1 AS a;
CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 2 AS a;
CREATE TEMP TABLE copied AS SELECT * FROM v;
DROP VIEW v;
SELECT copied.a, v.a FROM copied, v;
--
2 | 1
