## a function is an expression
page: developer-guide/udf/sql/udf-sql-scalar-functions
CREATE FUNCTION area(r FLOAT) RETURNS FLOAT AS 'r * r * 3';
SELECT area(2);
--
12.0
columns: AREA(2)

## CREATE FUNCTION says what it did
page: sql-reference/sql/create-function
CREATE FUNCTION one() RETURNS INT AS '1';
--
Function ONE successfully created.

## a function of a query
page: developer-guide/udf/sql/udf-sql-scalar-functions
CREATE TABLE prices (item VARCHAR, price NUMBER(8, 2));
INSERT INTO prices VALUES ('gear', 2.50), ('hand', 1.25);
CREATE FUNCTION price_of(i VARCHAR) RETURNS NUMBER(8, 2) AS 'SELECT MAX(price) FROM prices WHERE item = i';
SELECT price_of('gear');
--
2.50

## a function over the rows of a table
page: developer-guide/udf/sql/udf-sql-scalar-functions
CREATE FUNCTION plus(a INT, b INT) RETURNS INT AS $$ a + b $$;
SELECT SUM(plus(column1, column2)) FROM VALUES (1, 2), (3, 4);
--
10

## the result is cast to the type of RETURNS
page: sql-reference/sql/create-function
CREATE FUNCTION third(a INT) RETURNS NUMBER(6, 2) AS 'a / 3';
SELECT third(2);
--
0.67
types: NUMBER(6,2)

## functions in functions
page: developer-guide/udf/sql/udf-sql-scalar-functions
CREATE FUNCTION twice(a INT) RETURNS INT AS 'a * 2';
CREATE FUNCTION four_times(a INT) RETURNS INT AS 'twice(twice(a))';
SELECT four_times(3);
--
12

## functions with defaults and names
page: developer-guide/udf-stored-procedure-arguments
CREATE FUNCTION less(a INT, b INT DEFAULT 1) RETURNS INT AS 'a - b';
SELECT less(5), less(5, 3), less(b => 2, a => 10);
--
4 | 2 | 8

## overloads of functions
page: developer-guide/udf-stored-procedure-naming-conventions
CREATE FUNCTION kind(a INT) RETURNS VARCHAR AS $$ 'number' $$;
CREATE FUNCTION kind(a VARCHAR) RETURNS VARCHAR AS $$ 'text' $$;
SELECT kind(1), kind('1');
--
number | text

## a table function
page: developer-guide/udf/sql/udf-sql-tabular-functions
CREATE TABLE t (k INT, v VARCHAR);
INSERT INTO t VALUES (1, 'a'), (2, 'b'), (2, 'c');
CREATE FUNCTION rows_of(wanted INT) RETURNS TABLE (v VARCHAR) AS 'SELECT v FROM t WHERE k = wanted';
SELECT v FROM TABLE(rows_of(2)) ORDER BY v;
--
b
c

## a table function for each row
page: developer-guide/udf/sql/udf-sql-tabular-functions
CREATE TABLE t (k INT, v VARCHAR);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
CREATE FUNCTION rows_of(wanted INT) RETURNS TABLE (v VARCHAR) AS 'SELECT v FROM t WHERE k = wanted';
SELECT w.k, r.v FROM (SELECT column1 AS k FROM VALUES (1), (2)) w, TABLE(rows_of(w.k)) r ORDER BY 1;
--
1 | a
2 | b

## the columns of a table function have the names of RETURNS
page: developer-guide/udf/sql/udf-sql-tabular-functions
CREATE FUNCTION pair() RETURNS TABLE (one INT, two VARCHAR) AS $$ SELECT 1, 'x' $$;
SELECT * FROM TABLE(pair());
--
1 | x
columns: ONE | TWO

## a memoizable function
page: developer-guide/udf/sql/udf-sql-scalar-functions
CREATE FUNCTION most() RETURNS INT MEMOIZABLE AS 'SELECT 7';
SELECT most();
--
7

## a function in a filter
page: developer-guide/udf/sql/udf-sql-scalar-functions
CREATE FUNCTION is_late(h INT) RETURNS BOOLEAN AS 'h > 22';
SELECT column1 FROM VALUES (21), (23) WHERE is_late(column1);
--
23

## a function of no arguments, in another schema
page: sql-reference/sql/create-function
CREATE FUNCTION other.s.five() RETURNS INT AS '5';
SELECT other.s.five();
--
5

## a function that is not there
page: developer-guide/udf/sql/udf-sql-scalar-functions
SELECT no_such_function(1);
--
error: 000002 function NO_SUCH_FUNCTION

## DROP FUNCTION
page: sql-reference/sql/drop-function
CREATE FUNCTION f(a INT) RETURNS INT AS 'a';
DROP FUNCTION f(INT);
--
F successfully dropped.

## DROP FUNCTION of another overload
page: sql-reference/sql/drop-function
CREATE FUNCTION f(a INT) RETURNS INT AS 'a';
DROP FUNCTION f(VARCHAR);
--
error: 002003 does not exist or not authorized

## SHOW USER FUNCTIONS
page: sql-reference/sql/show-user-functions
CREATE FUNCTION f(a INT) RETURNS INT AS 'a';
CREATE FUNCTION g() RETURNS TABLE (x INT) AS 'SELECT 1';
SHOW USER FUNCTIONS IN SCHEMA;
SELECT "name", "arguments", "is_table_function" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) ORDER BY 1;
--
F | F(NUMBER) RETURN NUMBER | N
G | G() RETURN TABLE (X NUMBER) | Y

## DESCRIBE FUNCTION
page: sql-reference/sql/desc-function
CREATE FUNCTION f(a INT, b VARCHAR) RETURNS VARCHAR AS $$ a || b $$;
DESCRIBE FUNCTION f(INT, VARCHAR);
SELECT "property", "value" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) ORDER BY 1;
--
body | a || b
language | SQL
returns | VARCHAR(16777216)
signature | (A NUMBER, B VARCHAR)

## ALTER FUNCTION renames
page: sql-reference/sql/alter-function
CREATE FUNCTION f(a INT) RETURNS INT AS 'a + 1';
ALTER FUNCTION f(INT) RENAME TO g;
SELECT g(1);
--
2

## CREATE OR REPLACE takes effect at once
page: sql-reference/sql/create-function
CREATE FUNCTION f() RETURNS INT AS '1';
SELECT f();
CREATE OR REPLACE FUNCTION f() RETURNS INT AS '2';
SELECT f();
--
2

## a view that uses a function
page: developer-guide/udf/sql/udf-sql-scalar-functions
CREATE FUNCTION f(a INT) RETURNS INT AS 'a * 10';
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2);
CREATE VIEW v AS SELECT f(a) AS x FROM t;
SELECT SUM(x) FROM v;
--
30

## a function of a VARIANT
page: developer-guide/udf/sql/udf-sql-scalar-functions
CREATE FUNCTION teeth(o VARIANT) RETURNS INT AS 'o:teeth::INT';
SELECT teeth(PARSE_JSON('{"teeth": 60}'));
--
60

## a function in another language is refused
page: sql-reference/sql/create-function
CREATE FUNCTION f(a DOUBLE) RETURNS DOUBLE LANGUAGE JAVASCRIPT AS 'return A;';
--
error: 000002 JAVASCRIPT
