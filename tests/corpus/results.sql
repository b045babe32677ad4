## RESULT_SCAN of the last statement
page: sql-reference/functions/result_scan
SELECT column1 AS a FROM VALUES (3), (1), (2);
SELECT a FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE a > 1 ORDER BY a;
--
2
3
columns: A

## RESULT_SCAN of a statement before the last
page: sql-reference/functions/result_scan
SELECT 1 AS first;
SELECT 2 AS second;
SELECT first FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(-2)));
--
1

## LAST_QUERY_ID counts from the beginning of the session
page: sql-reference/functions/last_query_id
SELECT 'one' AS word;
SELECT 'two' AS word;
SELECT word FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(1)));
--
one

## the types of a result are kept
page: sql-reference/functions/result_scan
SELECT 1.50 AS n, 'x'::VARCHAR(3) AS s, '2024-01-02'::DATE AS d, PARSE_JSON('{"a": 1}') AS v;
SELECT n, s, d, v:a::INT AS a FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
1.50 | x | 2024-01-02 | 1
types: NUMBER(3,2), VARCHAR(3), DATE, NUMBER(38,0)

## RESULT_SCAN of SHOW has names in small letters
page: sql-reference/functions/result_scan
CREATE TABLE t (a INT);
SHOW TABLES IN SCHEMA;
SELECT "name", "rows" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
T | 0

## RESULT_SCAN of a change has its count
page: sql-reference/functions/result_scan
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2), (3);
SELECT "number of rows inserted" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
3

## results join with tables
page: sql-reference/functions/result_scan
CREATE TABLE t (a INT, b VARCHAR);
INSERT INTO t VALUES (1, 'x'), (2, 'y');
SELECT 2 AS wanted;
SELECT b FROM t JOIN TABLE(RESULT_SCAN(LAST_QUERY_ID())) r ON r.wanted = t.a;
--
y

## a table of a result
page: sql-reference/functions/result_scan
SELECT 5 AS a, 'five' AS b;
CREATE TABLE kept AS SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
SELECT * FROM kept;
--
5 | five

## a result that is not there
page: sql-reference/functions/result_scan
SELECT * FROM TABLE(RESULT_SCAN('01b2c3d4-0000-0000-0000-000000000000'));
--
error: 000709

## the result of a block
page: sql-reference/functions/result_scan
BEGIN
  RETURN 42;
END;
SELECT "anonymous block" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
42
