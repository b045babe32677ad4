## INSERT counts its rows
CREATE TABLE t (a INT, b VARCHAR DEFAULT 'x', c INT AUTOINCREMENT START 10 INCREMENT 5);
INSERT INTO t (a) VALUES (1), (2);
--
2
columns: number of rows inserted

## defaults and identities fill what is left out
CREATE TABLE t (a INT, b VARCHAR DEFAULT 'x', c INT AUTOINCREMENT START 10 INCREMENT 5);
INSERT INTO t (a) VALUES (1), (2);
INSERT INTO t (a, b) VALUES (3, DEFAULT);
SELECT * FROM t ORDER BY a;
--
1 | x | 10
2 | x | 15
3 | x | 20

## INSERT of a query, by position
CREATE TABLE t (a INT, b VARCHAR);
INSERT INTO t (b, a) SELECT 'x', 5;
SELECT * FROM t;
--
5 | x

## INSERT OVERWRITE replaces all rows, also from the table itself
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2);
INSERT OVERWRITE INTO t SELECT a + 10 FROM t;
SELECT a FROM t ORDER BY a;
--
11
12

## UPDATE from another table, and its two counts
CREATE TABLE t (k INT, v INT);
INSERT INTO t VALUES (1, 0), (2, 0);
UPDATE t SET v = s.v FROM (SELECT 1 k, 7 v UNION ALL SELECT 1, 7) s WHERE t.k = s.k;
--
1 | 1
columns: number of rows updated | number of multi-joined rows updated

## DELETE with USING
CREATE TABLE t (k INT);
INSERT INTO t VALUES (1), (2), (3);
DELETE FROM t USING (SELECT 2 k) s WHERE t.k >= s.k;
--
2
columns: number of rows deleted

## MERGE
CREATE TABLE t (k INT, v VARCHAR);
INSERT INTO t VALUES (1, 'old'), (2, 'old'), (3, 'old');
MERGE INTO t USING (SELECT 1 k, 'new' v UNION ALL SELECT 2, NULL UNION ALL SELECT 9, 'new') s ON t.k = s.k WHEN MATCHED AND s.v IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v);
--
1 | 1 | 1
columns: number of rows inserted | number of rows updated | number of rows deleted

## MERGE whose source has a row twice
CREATE TABLE t (k INT, v INT);
INSERT INTO t VALUES (1, 0);
MERGE INTO t USING (SELECT 1 k, 1 v UNION ALL SELECT 1, 2) s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = s.v;
--
error: 100090 Duplicate row detected during DML action

## NOT NULL
CREATE TABLE t (a INT NOT NULL);
INSERT INTO t VALUES (NULL);
--
error: 100072 NULL result in a non-nullable column

## too few values
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1);
--
error: 002020 Insert value list does not match column list expecting 2 but got 1

## TRUNCATE
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
TRUNCATE TABLE t;
SELECT COUNT(*) FROM t;
--
0

## variants in tables
CREATE TABLE t (v VARIANT);
INSERT INTO t SELECT PARSE_JSON('{"a": [1]}');
INSERT INTO t SELECT OBJECT_CONSTRUCT('a', ARRAY_CONSTRUCT(2));
SELECT SUM(v:a[0]::INT) FROM t;
--
3
