## an insert is one row of a stream
page: user-guide/streams-intro
CREATE TABLE t (a INT, b VARCHAR);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1, 'x');
SELECT a, b, METADATA$ACTION, METADATA$ISUPDATE, LENGTH(METADATA$ROW_ID) > 0 FROM s;
--
1 | x | INSERT | false | true

## a stream has the columns of the table, then its own
page: user-guide/streams-intro
CREATE TABLE t (a INT, b VARCHAR);
CREATE STREAM s ON TABLE t;
SELECT * FROM s;
--
columns: A | B | METADATA$ACTION | METADATA$ISUPDATE | METADATA$ROW_ID

## CREATE STREAM says what it did
page: sql-reference/sql/create-stream
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
--
Stream S successfully created.

## an update is a DELETE and an INSERT
page: user-guide/streams-intro
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 10), (2, 20);
CREATE STREAM s ON TABLE t;
UPDATE t SET b = 11 WHERE a = 1;
SELECT a, b, METADATA$ACTION, METADATA$ISUPDATE FROM s ORDER BY METADATA$ACTION;
--
1 | 10 | DELETE | true
1 | 11 | INSERT | true

## both rows of an update have one row id
page: user-guide/streams-intro
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
CREATE STREAM s ON TABLE t;
UPDATE t SET a = 2;
SELECT COUNT(*), COUNT(DISTINCT METADATA$ROW_ID) FROM s;
--
2 | 1

## a delete
page: user-guide/streams-intro
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2);
CREATE STREAM s ON TABLE t;
DELETE FROM t WHERE a = 2;
SELECT a, METADATA$ACTION, METADATA$ISUPDATE FROM s;
--
2 | DELETE | false

## an insert and its delete leave nothing
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1), (2);
DELETE FROM t WHERE a = 1;
SELECT a, METADATA$ACTION FROM s;
--
2 | INSERT

## an insert and its update are one insert
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
UPDATE t SET a = 5;
SELECT a, METADATA$ACTION, METADATA$ISUPDATE FROM s;
--
5 | INSERT | false

## an update and then a delete are one delete, of the row that was
page: user-guide/streams-intro
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
CREATE STREAM s ON TABLE t;
UPDATE t SET a = 5;
DELETE FROM t;
SELECT a, METADATA$ACTION, METADATA$ISUPDATE FROM s;
--
1 | DELETE | false

## two updates are one
page: user-guide/streams-intro
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
CREATE STREAM s ON TABLE t;
UPDATE t SET a = 2;
UPDATE t SET a = 3;
SELECT a, METADATA$ACTION FROM s ORDER BY a;
--
1 | DELETE
3 | INSERT

## a query does not move a stream
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
SELECT * FROM s;
SELECT COUNT(*) FROM s;
--
1

## an INSERT from a stream moves it
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE TABLE copy (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1), (2);
INSERT INTO copy SELECT a FROM s;
SELECT (SELECT COUNT(*) FROM copy), (SELECT COUNT(*) FROM s);
--
2 | 0

## a filter that lets nothing through moves it all the same
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE TABLE copy (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
INSERT INTO copy SELECT a FROM s WHERE FALSE;
SELECT COUNT(*) FROM s;
--
0

## a stream that is read in a transaction stands still in it
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE TABLE copy (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
BEGIN;
INSERT INTO copy SELECT a FROM s;
INSERT INTO copy SELECT a + 10 FROM s;
COMMIT;
SELECT a FROM copy ORDER BY a;
--
1
11

## a consumer that rolls back moves nothing
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE TABLE copy (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
BEGIN;
INSERT INTO copy SELECT a FROM s;
ROLLBACK;
SELECT COUNT(*) FROM s;
--
1

## two streams on a table move on their own
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE TABLE copy (a INT);
CREATE STREAM s ON TABLE t;
CREATE STREAM s2 ON TABLE t;
INSERT INTO t VALUES (1);
INSERT INTO copy SELECT a FROM s;
INSERT INTO t VALUES (2);
SELECT (SELECT COUNT(*) FROM s), (SELECT COUNT(*) FROM s2);
--
1 | 2

## an append-only stream knows no deletes or updates
page: user-guide/streams-intro
CREATE TABLE t (a INT);
INSERT INTO t VALUES (0);
CREATE STREAM s ON TABLE t APPEND_ONLY = TRUE;
INSERT INTO t VALUES (1), (2);
UPDATE t SET a = 9 WHERE a = 0;
DELETE FROM t WHERE a = 1;
SELECT a, METADATA$ACTION FROM s ORDER BY a;
--
1 | INSERT
2 | INSERT

## SHOW_INITIAL_ROWS begins with what is there
page: sql-reference/sql/create-stream
CREATE TABLE t (a INT);
CREATE TABLE copy (a INT);
INSERT INTO t VALUES (1), (2);
CREATE STREAM s ON TABLE t SHOW_INITIAL_ROWS = TRUE;
INSERT INTO copy SELECT a FROM s WHERE METADATA$ACTION = 'INSERT';
INSERT INTO t VALUES (3);
SELECT a FROM s;
--
3

## TRUNCATE is the delete of every row
page: user-guide/streams-intro
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2);
CREATE STREAM s ON TABLE t;
TRUNCATE TABLE t;
SELECT a, METADATA$ACTION FROM s ORDER BY a;
--
1 | DELETE
2 | DELETE

## INSERT OVERWRITE deletes and inserts
page: user-guide/streams-intro
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
CREATE STREAM s ON TABLE t;
INSERT OVERWRITE INTO t VALUES (2);
SELECT a, METADATA$ACTION, METADATA$ISUPDATE FROM s ORDER BY a;
--
1 | DELETE | false
2 | INSERT | false

## MERGE is seen as what it did to each row
page: user-guide/streams-intro
CREATE TABLE t (k INT, v INT);
INSERT INTO t VALUES (1, 1), (2, 2);
CREATE STREAM s ON TABLE t;
MERGE INTO t USING (SELECT column1 k, column2 v FROM VALUES (1, 10), (2, NULL), (3, 30)) n ON t.k = n.k WHEN MATCHED AND n.v IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET v = n.v WHEN NOT MATCHED THEN INSERT VALUES (n.k, n.v);
SELECT k, v, METADATA$ACTION, METADATA$ISUPDATE FROM s ORDER BY k, METADATA$ACTION;
--
1 | 1 | DELETE | true
1 | 10 | INSERT | true
2 | 2 | DELETE | false
3 | 30 | INSERT | false

## MERGE from a stream keeps a copy in step
page: user-guide/streams-examples
CREATE TABLE t (k INT, v VARCHAR);
CREATE TABLE copy (k INT, v VARCHAR);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
INSERT INTO copy SELECT * FROM t;
CREATE STREAM s ON TABLE t;
UPDATE t SET v = 'A' WHERE k = 1;
DELETE FROM t WHERE k = 2;
INSERT INTO t VALUES (3, 'c');
MERGE INTO copy USING (SELECT * FROM s WHERE NOT (METADATA$ACTION = 'DELETE' AND METADATA$ISUPDATE)) c ON copy.k = c.k WHEN MATCHED AND c.METADATA$ACTION = 'DELETE' THEN DELETE WHEN MATCHED THEN UPDATE SET v = c.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (c.k, c.v);
SELECT * FROM copy ORDER BY k;
--
1 | A
3 | c

## INSERT of several tables consumes a stream once
page: sql-reference/sql/insert-multi-table
CREATE TABLE t (a INT);
CREATE TABLE low (a INT);
CREATE TABLE high (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1), (9);
INSERT FIRST WHEN a < 5 THEN INTO low ELSE INTO high SELECT a FROM s;
SELECT (SELECT MAX(a) FROM low), (SELECT MAX(a) FROM high), (SELECT COUNT(*) FROM s);
--
1 | 9 | 0

## CREATE TABLE AS consumes a stream
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
CREATE TABLE copy AS SELECT a FROM s;
SELECT (SELECT COUNT(*) FROM copy), (SELECT COUNT(*) FROM s);
--
1 | 0

## SYSTEM$STREAM_HAS_DATA
page: sql-reference/functions/system_stream_has_data
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
SELECT SYSTEM$STREAM_HAS_DATA('s');
--
true

## SYSTEM$STREAM_HAS_DATA of a stream that was consumed
page: sql-reference/functions/system_stream_has_data
CREATE TABLE t (a INT);
CREATE TABLE copy (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
INSERT INTO copy SELECT a FROM s;
SELECT SYSTEM$STREAM_HAS_DATA('s');
--
false

## a stream on a view shows the view's rows
page: user-guide/streams-intro
CREATE TABLE t (a INT, b INT);
ALTER TABLE t SET CHANGE_TRACKING = TRUE;
CREATE VIEW v AS SELECT a, b * 2 AS twice FROM t WHERE a > 1;
CREATE STREAM s ON VIEW v;
INSERT INTO t VALUES (1, 1), (2, 2);
SELECT a, twice, METADATA$ACTION FROM s;
--
2 | 4 | INSERT

## a row that enters a view's filter is an insert
page: user-guide/streams-intro
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
CREATE VIEW v AS SELECT a FROM t WHERE a > 5;
CREATE STREAM s ON VIEW v;
UPDATE t SET a = 9;
SELECT a, METADATA$ACTION, METADATA$ISUPDATE FROM s;
--
9 | INSERT | false

## a stream on a view of an aggregate is refused
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE VIEW v AS SELECT COUNT(*) AS n FROM t;
CREATE STREAM s ON VIEW v;
--
error: 000002

## a stream of a table that was replaced is stale
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
CREATE OR REPLACE TABLE t (a INT);
SELECT * FROM s;
--
error: 091901

## a stream of a table that was renamed goes on
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
ALTER TABLE t RENAME TO t2;
INSERT INTO t2 VALUES (1);
SELECT a FROM s;
--
1

## a column that was added is NULL in changes of before
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
ALTER TABLE t ADD COLUMN b VARCHAR;
INSERT INTO t VALUES (2, 'x');
SELECT a, b FROM s ORDER BY a;
--
1 | NULL
2 | x

## a stream on a table that is not there
page: sql-reference/sql/create-stream
CREATE STREAM s ON TABLE no_such_table;
--
error: 002003 does not exist or not authorized

## rows cannot be put into a stream
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO s VALUES (1);
--
error: 002203

## CREATE STREAM IF NOT EXISTS
page: sql-reference/sql/create-stream
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
CREATE STREAM IF NOT EXISTS s ON TABLE t;
--
S already exists, statement succeeded.

## CREATE STREAM of a name that is taken
page: sql-reference/sql/create-stream
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
CREATE STREAM s ON TABLE t;
--
error: 002002 already exists

## CREATE OR REPLACE begins anew
page: sql-reference/sql/create-stream
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
CREATE OR REPLACE STREAM s ON TABLE t;
SELECT COUNT(*) FROM s;
--
0

## a clone of a stream stands where the stream stands
page: sql-reference/sql/create-stream
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
CREATE STREAM s2 CLONE s;
SELECT COUNT(*) FROM s2;
--
1

## DROP STREAM
page: sql-reference/sql/drop-stream
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
DROP STREAM s;
--
S successfully dropped.

## SHOW STREAMS
page: sql-reference/sql/show-streams
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t APPEND_ONLY = TRUE COMMENT = 'new rows';
SHOW STREAMS IN SCHEMA;
SELECT "name", "comment", "table_name", "source_type", "type", "stale", "mode" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
S | new rows | DB.PUBLIC.T | Table | DELTA | false | APPEND_ONLY

## DESCRIBE STREAM
page: sql-reference/sql/desc-stream
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
DESCRIBE STREAM s;
SELECT "name", "table_name", "mode" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
S | DB.PUBLIC.T | DEFAULT

## ALTER STREAM sets a comment
page: sql-reference/sql/alter-stream
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
ALTER STREAM s SET COMMENT = 'of t';
SHOW STREAMS LIKE 's';
SELECT "comment" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
of t

## a stream in a join and a CTE
page: user-guide/streams-examples
CREATE TABLE t (k INT);
CREATE TABLE names (k INT, name VARCHAR);
INSERT INTO names VALUES (1, 'hour'), (2, 'minute');
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (2);
WITH changes AS (SELECT k FROM s) SELECT n.name FROM changes c JOIN names n ON n.k = c.k;
--
minute

## a stream that is named twice is the same both times
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE TABLE copy (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
INSERT INTO copy SELECT a FROM s UNION ALL SELECT a + 1 FROM s;
SELECT a FROM copy ORDER BY a;
--
1
2

## a procedure consumes a stream
page: user-guide/streams-examples
CREATE TABLE t (a INT);
CREATE TABLE copy (a INT);
CREATE STREAM s ON TABLE t;
CREATE PROCEDURE take()
  RETURNS INT
AS
BEGIN
  INSERT INTO copy SELECT a FROM s;
  RETURN SQLROWCOUNT;
END;
INSERT INTO t VALUES (1), (2);
CALL take();
--
2

## TRUNCATE and INSERT in one transaction
page: user-guide/streams-intro
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
CREATE STREAM s ON TABLE t;
BEGIN;
TRUNCATE TABLE t;
INSERT INTO t VALUES (2);
ROLLBACK;
BEGIN;
TRUNCATE TABLE t;
INSERT INTO t VALUES (3);
COMMIT;
SELECT a, METADATA$ACTION, METADATA$ISUPDATE FROM s ORDER BY a;
--
1 | DELETE | false
3 | INSERT | false

## an UPDATE of every column to itself
page: user-guide/streams-intro
CREATE TABLE t (a INT, b INT);
INSERT INTO t VALUES (1, 2);
CREATE STREAM s ON TABLE t;
UPDATE t SET a = a, b = b;
SELECT a, b, METADATA$ACTION, METADATA$ISUPDATE FROM s ORDER BY METADATA$ACTION;
--
1 | 2 | DELETE | true
1 | 2 | INSERT | true

## a stream put back into its own table
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1), (2);
INSERT INTO t SELECT a + 10 FROM s;
SELECT a, METADATA$ACTION FROM s ORDER BY a;
--
11 | INSERT
12 | INSERT

## a join of two streams moves both
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE TABLE u (a INT);
CREATE TABLE copy (a INT);
CREATE STREAM s ON TABLE t;
CREATE STREAM s2 ON TABLE u;
INSERT INTO t VALUES (1), (2);
INSERT INTO u VALUES (2), (3);
INSERT INTO copy SELECT x.a FROM s x JOIN s2 y ON x.a = y.a;
SELECT (SELECT SUM(a) FROM copy), (SELECT COUNT(*) FROM s), (SELECT COUNT(*) FROM s2);
--
2 | 0 | 0

## a stream of a table that was dropped
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
DROP TABLE t;
SELECT * FROM s;
--
error: 091901 dropped

## a failed statement leaves the rest of its transaction
page: sql-reference/transactions
CREATE TABLE t (a INT);
CREATE TABLE copy (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
BEGIN;
INSERT INTO copy SELECT a FROM s;
EXECUTE IMMEDIATE $$
BEGIN
  INSERT INTO copy SELECT 1 / 0 FROM s;
EXCEPTION
  WHEN OTHER THEN
    RETURN 'caught';
END
$$;
COMMIT;
SELECT (SELECT COUNT(*) FROM copy), (SELECT COUNT(*) FROM s);
--
1 | 0

## a filter of a view that a row leaves
page: user-guide/streams-intro
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
CREATE VIEW v AS SELECT a + 1 AS next FROM t WHERE a < 5;
CREATE STREAM s ON VIEW v;
UPDATE t SET a = 9;
SELECT next, METADATA$ACTION, METADATA$ISUPDATE FROM s;
--
2 | DELETE | false

## a renamed column in a stream
page: user-guide/streams-intro
CREATE TABLE t (a INT);
CREATE STREAM s ON TABLE t;
INSERT INTO t VALUES (1);
ALTER TABLE t RENAME COLUMN a TO b;
SELECT b FROM s;
--
1
columns: B
