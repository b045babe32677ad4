## unnamed columns are called by their text
page: sql-reference/sql/select
SELECT 1 + 1, COUNT(*), 'abc', upper( 'x' ) FROM (SELECT 1);
--
2 | 1 | abc | X
columns: 1 + 1 | COUNT(*) | 'ABC' | UPPER( 'X' )

## names fold to upper case unless quoted
page: sql-reference/identifiers-syntax
SELECT 1 AS a, 2 AS "b", 3 AS "B";
--
1 | 2 | 3
columns: A | b | B

## columns that differ in case alone are two
page: sql-reference/identifiers-syntax
CREATE TABLE t ("a" INT, "A" INT);
INSERT INTO t VALUES (1, 2);
SELECT "a", a, "A" FROM t;
--
1 | 2 | 2

## tables that differ in case alone are two
page: sql-reference/identifiers-syntax
CREATE TABLE t (x INT);
CREATE TABLE "t" (y INT);
INSERT INTO "t" VALUES (5);
SELECT (SELECT COUNT(*) FROM t), (SELECT y FROM "t");
--
0 | 5

## an alias can be used in the same SELECT
page: sql-reference/sql/select
SELECT x * 2 AS y, y + 1 AS z FROM VALUES (1), (2) AS t(x) WHERE y > 2;
--
4 | 5

## QUALIFY
page: sql-reference/constructs/qualify
SELECT g, x FROM VALUES ('a', 1), ('a', 2), ('b', 3) AS t(g, x) QUALIFY ROW_NUMBER() OVER (PARTITION BY g ORDER BY x DESC) = 1 ORDER BY g;
--
a | 2
b | 3

## NULLs are largest
page: sql-reference/constructs/order-by
SELECT x FROM VALUES (2), (NULL), (1) AS t(x) ORDER BY x DESC;
--
NULL
2
1

## GROUP BY by name, place and expression
page: sql-reference/constructs/group-by
SELECT g || '!' AS k, SUM(x) FROM VALUES ('a', 1), ('a', 2), ('b', 3) AS t(g, x) GROUP BY k HAVING SUM(x) > 2 ORDER BY 2 DESC, 1;
--
a! | 3
b! | 3

## ROLLUP and GROUPING
page: sql-reference/constructs/group-by-rollup
SELECT g, SUM(x), GROUPING(g) FROM VALUES ('a', 1), ('b', 2) AS t(g, x) GROUP BY ROLLUP (g) ORDER BY 1;
--
a | 1 | 0
b | 2 | 0
NULL | 3 | 1

## a column outside of GROUP BY
page: sql-reference/constructs/group-by
SELECT g, x FROM VALUES ('a', 1) AS t(g, x) GROUP BY g;
--
error: 000979 not a valid group by expression

## common table expressions, nested and recursive
page: sql-reference/constructs/with
WITH a AS (SELECT 1 x), b (y) AS (SELECT x + 1 FROM a), RECURSIVE_N AS (SELECT 1 n UNION ALL SELECT n + 1 FROM RECURSIVE_N WHERE n < 3) SELECT y, (SELECT SUM(n) FROM RECURSIVE_N) FROM b;
--
2 | 6

## PIVOT
page: sql-reference/constructs/pivot
SELECT * FROM (SELECT * FROM VALUES ('x', 'jan', 1), ('x', 'feb', 2), ('y', 'jan', 3) AS t(who, mon, n)) PIVOT (SUM(n) FOR mon IN ('jan', 'feb')) AS p ORDER BY who;
--
x | 1 | 2
y | 3 | NULL
columns: WHO | 'jan' | 'feb'

## PIVOT over what is there
page: sql-reference/constructs/pivot
SELECT * FROM (SELECT * FROM VALUES ('x', 'jan', 1), ('x', 'feb', 2) AS t(who, mon, n)) PIVOT (SUM(n) FOR mon IN (ANY ORDER BY mon)) ORDER BY who;
--
x | 2 | 1
columns: WHO | 'feb' | 'jan'

## UNPIVOT
page: sql-reference/constructs/pivot
SELECT * FROM (SELECT 1 id, 10 jan, 20 feb) UNPIVOT (n FOR mon IN (jan, feb)) ORDER BY mon DESC;
--
1 | JAN | 10
1 | FEB | 20

## set operations
page: sql-reference/operators-query
SELECT 1 AS a UNION ALL SELECT 2.5 UNION ALL SELECT NULL ORDER BY a;
--
1.0
2.5
NULL

## MINUS and INTERSECT
page: sql-reference/operators-query
(SELECT 1 UNION SELECT 2) MINUS SELECT 2;
--
1

## joins with USING show the column once
page: sql-reference/constructs/join
SELECT * FROM (SELECT 1 id, 'a' x) l FULL JOIN (SELECT 2 id, 'b' y) r USING (id) ORDER BY id;
--
1 | a | NULL
2 | NULL | b
columns: ID | X | Y

## rows from nothing
page: sql-reference/functions/generator
SELECT SEQ4(), UNIFORM(1, 1, RANDOM()) FROM TABLE(GENERATOR(ROWCOUNT => 3)) ORDER BY 1;
--
0 | 1
1 | 1
2 | 1

## VALUES and their columns
page: sql-reference/constructs/values
SELECT column1, $2 FROM VALUES (1, 'a'), (2, 'b') ORDER BY 1;
--
1 | a
2 | b

## window frames
page: sql-reference/functions-window-syntax
SELECT x, SUM(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), LAG(x, 1, 0) OVER (ORDER BY x), LAST_VALUE(x) OVER (ORDER BY x) FROM VALUES (1), (2), (3) AS t(x) ORDER BY x;
--
1 | 1 | 0 | 3
2 | 3 | 1 | 3
3 | 5 | 2 | 3

## stars with exceptions
page: sql-reference/sql/select
SELECT * EXCLUDE (b) RENAME (a AS z) FROM (SELECT 1 a, 2 b, 3 c);
--
1 | 3
columns: Z | C

## a name that is not there
page: sql-reference/sql/select
SELECT nope FROM (SELECT 1 a);
--
error: 000904 error line 1 at position 7

## a name that is there twice
page: sql-reference/sql/select
SELECT a FROM (SELECT 1 a) x, (SELECT 2 a) y;
--
error: 002028 ambiguous column name 'A'

## a table that is not there
page: sql-reference/sql/select
SELECT * FROM nowhere;
--
error: 002003 Object 'NOWHERE' does not exist or not authorized.

## a function that is not there
page: sql-reference/sql/select
SELECT FROBNICATE(1);
--
error: 000002 FROBNICATE

## a subquery of two rows as a value
page: user-guide/querying-subqueries
SELECT (SELECT x FROM VALUES (1), (2) AS t(x));
--
error: 090150 Single-row subquery returns more than one row.

## text that is no SQL
page: sql-reference/sql/select
SELECT * FORM t;
--
error: 001003 syntax error line 1

## the statement's own context
page: sql-reference/functions-context
SELECT CURRENT_DATABASE(), CURRENT_SCHEMA(), CURRENT_ROLE(), CURRENT_USER(), CURRENT_WAREHOUSE();
--
DB | PUBLIC | ACCOUNTADMIN | ADMIN | WH

## rows numbered by a sequence
page: sql-reference/functions/seq1
SELECT ROW_NUMBER() OVER (ORDER BY SEQ4() DESC) n, SEQ4() s FROM TABLE(GENERATOR(ROWCOUNT => 2)) ORDER BY n;
--
1 | 1
2 | 0

## dollar-quoted text
page: sql-reference/data-types-text
SELECT $$it's$$;
--
it's

## a join in parentheses
page: sql-reference/constructs/join
WITH x AS (SELECT 1 AS a UNION ALL SELECT 2), y AS (SELECT 2 AS a)
SELECT x.a, z.a FROM x LEFT JOIN (y JOIN x AS z ON y.a = z.a) ON x.a = y.a ORDER BY 1;
--
1 | NULL
2 | 2

## VALUES may stand alone
page: sql-reference/constructs/values
VALUES (1, 'a'), (2.5, NULL);
--
1.0 | a
2.5 | NULL
columns: COLUMN1 | COLUMN2

## VALUES that stand alone are ordered and limited
page: sql-reference/constructs/values
VALUES (1), (3), (2) ORDER BY 1 DESC LIMIT 2;
--
3
2

## SAMPLE takes a number of rows, or a share of them
page: sql-reference/constructs/sample
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2), (3), (4), (5);
SELECT (SELECT COUNT(*) FROM t SAMPLE (3 ROWS)), (SELECT COUNT(*) FROM t x TABLESAMPLE ROW (9 ROWS)),
  (SELECT COUNT(*) FROM t SAMPLE (100)), (SELECT COUNT(*) FROM t SAMPLE BERNOULLI (0)),
  (SELECT COUNT(*) FROM (SELECT a FROM t) SAMPLE SYSTEM (100) SEED (7));
--
3 | 5 | 5 | 0 | 5

## SAMPLE with a seed takes the same rows again
page: sql-reference/constructs/sample
CREATE TABLE t AS SELECT SEQ4() a FROM TABLE(GENERATOR(ROWCOUNT => 500));
SELECT (SELECT SUM(a) FROM t SAMPLE (20) SEED (4)) = (SELECT SUM(a) FROM t SAMPLE (20) REPEATABLE (4));
--
true

## SAMPLE is of at most a million rows
page: sql-reference/constructs/sample
SELECT * FROM (SELECT 1) SAMPLE (1000001 ROWS);
--
error: 001003 Invalid sample size 1000001

## CONDITIONAL_TRUE_EVENT counts what has been true, row by row
page: sql-reference/functions/conditional_true_event
SELECT k, CONDITIONAL_TRUE_EVENT(v > 1) OVER (ORDER BY k) FROM VALUES (1, 1), (2, 2), (3, 5), (4, NULL), (5, 2) t (k, v)
  ORDER BY k;
--
1 | 0
2 | 1
3 | 2
4 | 2
5 | 3

## PIVOT with a default for what is not there
page: sql-reference/constructs/pivot
CREATE TABLE sales (who INT, amount INT, quarter VARCHAR);
INSERT INTO sales VALUES (1, 10, 'Q1'), (1, 20, 'Q2'), (2, 5, 'Q1');
SELECT * FROM sales PIVOT (SUM(amount) FOR quarter IN (SELECT DISTINCT quarter FROM sales ORDER BY quarter DESC) DEFAULT ON NULL (0)) ORDER BY who;
--
1 | 20 | 10
2 | 0 | 5
columns: WHO | 'Q2' | 'Q1'

## arguments spread out of an array
page: sql-reference/operators-expansion
SELECT COALESCE(** [NULL, 'a']), GREATEST(** [1, 3], 2);
--
a | 3

## text taken apart at any of several marks
page: sql-reference/functions/strtok_split_to_table
SELECT value FROM TABLE(STRTOK_SPLIT_TO_TABLE('a.b c..', '. ')) ORDER BY index;
--
a
b
c

## ORDER BY ALL sorts by every column from left to right
page: sql-reference/constructs/order-by
SELECT column2 AS p, column1 AS q FROM VALUES (1, 'b'), (3, 'a'), (2, 'b') ORDER BY ALL DESC;
--
b | 2
b | 1
a | 3

## no limit is set by an empty text
page: sql-reference/constructs/limit
SELECT column1 FROM VALUES (1), (2) ORDER BY 1 LIMIT '' OFFSET $$$$;
--
1
2

## the order of a directed join changes no result
page: sql-reference/constructs/join
SELECT l.column1 FROM VALUES (1), (2) l INNER DIRECTED JOIN (VALUES (2), (3)) r ON l.column1 = r.column1;
--
2

## UNPIVOT names its rows by the columns, or by what they are called there
page: sql-reference/constructs/unpivot
SELECT * FROM (SELECT 1 AS a, 2 AS b, 3 AS c) UNPIVOT (n FOR k IN (a AS first, b AS 'second', c)) ORDER BY n;
--
FIRST | 1
second | 2
C | 3
