## CREATE PROCEDURE and CALL
page: sql-reference/sql/create-procedure
CREATE PROCEDURE double_it(n NUMBER)
  RETURNS NUMBER
  LANGUAGE SQL
AS
$$
BEGIN
  RETURN n * 2;
END;
$$;
CALL double_it(21);
--
42
columns: DOUBLE_IT

## CREATE PROCEDURE says what it did
page: sql-reference/sql/create-procedure
CREATE PROCEDURE p() RETURNS VARCHAR LANGUAGE SQL AS 'BEGIN RETURN 1; END';
--
Function P successfully created.
columns: status

## a body without dollars
page: developer-guide/stored-procedure/stored-procedures-snowflake-scripting
CREATE PROCEDURE greet(name VARCHAR)
  RETURNS VARCHAR
AS
BEGIN
  RETURN 'tick, ' || name;
END;
CALL greet('tock');
--
tick, tock

## the value is cast to the type of RETURNS
page: sql-reference/sql/create-procedure
CREATE PROCEDURE p() RETURNS VARCHAR AS 'BEGIN RETURN 1.50; END';
CALL p();
--
1.50
types: VARCHAR(16777216)

## arguments by name
page: sql-reference/sql/call
CREATE PROCEDURE p(a INT, b INT) RETURNS INT AS 'BEGIN RETURN a - b; END';
CALL p(b => 1, a => 10);
--
9

## arguments with defaults
page: developer-guide/udf-stored-procedure-arguments
CREATE PROCEDURE p(a INT, b INT DEFAULT 5) RETURNS INT AS 'BEGIN RETURN a * b; END';
CALL p(2);
--
10

## a default that is given by name
page: developer-guide/udf-stored-procedure-arguments
CREATE PROCEDURE p(a INT DEFAULT 1, b INT DEFAULT 5) RETURNS INT AS 'BEGIN RETURN a * b; END';
CALL p(b => 7);
--
7

## overloads are told apart by their arguments
page: developer-guide/udf-stored-procedure-naming-conventions
CREATE PROCEDURE p(a INT) RETURNS VARCHAR AS 'BEGIN RETURN ''number''; END';
CREATE PROCEDURE p(a VARCHAR) RETURNS VARCHAR AS 'BEGIN RETURN ''text''; END';
CREATE PROCEDURE p(a INT, b INT) RETURNS VARCHAR AS 'BEGIN RETURN ''two''; END';
CALL p('x');
--
text

## an overload by the number of arguments
page: developer-guide/udf-stored-procedure-naming-conventions
CREATE PROCEDURE p(a INT) RETURNS VARCHAR AS 'BEGIN RETURN ''number''; END';
CREATE PROCEDURE p(a INT, b INT) RETURNS VARCHAR AS 'BEGIN RETURN ''two''; END';
CALL p(1, 2);
--
two

## a procedure that is not there
page: sql-reference/sql/call
CALL no_such_procedure(1);
--
error: 002140 NO_SUCH_PROCEDURE

## CALL … INTO in a block
page: sql-reference/sql/call
CREATE PROCEDURE p(a INT) RETURNS INT AS 'BEGIN RETURN a + 1; END';
BEGIN
  LET n := 0;
  CALL p(4) INTO :n;
  RETURN n * 10;
END;
--
50

## a procedure that returns a table
page: developer-guide/stored-procedure/stored-procedures-snowflake-scripting
CREATE TABLE t (a INT, b VARCHAR);
INSERT INTO t VALUES (1, 'x'), (2, 'y');
CREATE PROCEDURE above(low INT)
  RETURNS TABLE (a INT, b VARCHAR)
AS
DECLARE
  found RESULTSET;
BEGIN
  found := (SELECT a, b FROM t WHERE a > :low);
  RETURN TABLE(found);
END;
CALL above(1);
--
2 | y
columns: A | B

## a table of a procedure in FROM
page: sql-reference/sql/call
CREATE PROCEDURE p()
  RETURNS TABLE (a INT)
AS
BEGIN
  LET found RESULTSET := (SELECT 1 AS a UNION ALL SELECT 2);
  RETURN TABLE(found);
END;
SELECT SUM(a) FROM TABLE(p());
--
3

## a procedure changes tables
page: sql-reference/sql/create-procedure
CREATE TABLE t (a INT);
CREATE PROCEDURE fill(n INT)
  RETURNS VARCHAR
AS
BEGIN
  FOR i IN 1 TO n DO
    INSERT INTO t VALUES (:i);
  END FOR;
  RETURN 'filled';
END;
CALL fill(3);
SELECT COUNT(*), MAX(a) FROM t;
--
3 | 3

## a procedure calls another
page: sql-reference/sql/call
CREATE PROCEDURE inner_p(a INT) RETURNS INT AS 'BEGIN RETURN a * a; END';
CREATE PROCEDURE outer_p(a INT)
  RETURNS INT
AS
BEGIN
  LET n := 0;
  CALL inner_p(:a) INTO :n;
  RETURN n + 1;
END;
CALL outer_p(3);
--
10

## a procedure that calls itself
page: sql-reference/sql/call
CREATE PROCEDURE factorial(n INT)
  RETURNS INT
AS
BEGIN
  IF (n <= 1) THEN
    RETURN 1;
  END IF;
  LET below := 0;
  CALL factorial(:n - 1) INTO :below;
  RETURN n * below;
END;
CALL factorial(5);
--
120

## a procedure of a WITH clause is not kept
page: sql-reference/sql/call-with
WITH twice AS PROCEDURE (a INT)
  RETURNS INT
AS
$$
BEGIN
  RETURN a * 2;
END
$$
CALL twice(4);
--
8

## a body of another language is refused
page: sql-reference/sql/create-procedure
CREATE PROCEDURE p() RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION = '3.11' PACKAGES = ('snowflake-snowpark-python') HANDLER = 'f' AS 'def f(s): return 1';
--
error: 000002 PYTHON

## DROP PROCEDURE names the types
page: sql-reference/sql/drop-procedure
CREATE PROCEDURE p(a INT, b VARCHAR) RETURNS INT AS 'BEGIN RETURN 1; END';
DROP PROCEDURE p(INT, VARCHAR);
--
P successfully dropped.

## DROP PROCEDURE IF EXISTS of none
page: sql-reference/sql/drop-procedure
DROP PROCEDURE IF EXISTS p(INT);
--
Drop statement executed successfully (P already dropped).

## SHOW PROCEDURES
page: sql-reference/sql/show-procedures
CREATE PROCEDURE p(a INT, b VARCHAR DEFAULT 'x') RETURNS INT AS 'BEGIN RETURN 1; END';
SHOW PROCEDURES LIKE 'p' IN SCHEMA;
SELECT "name", "min_num_arguments", "max_num_arguments", "arguments", "is_table_function" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
P | 1 | 2 | P(NUMBER, DEFAULT VARCHAR) RETURN NUMBER | N

## DESCRIBE PROCEDURE
page: sql-reference/sql/desc-procedure
CREATE PROCEDURE p(a INT) RETURNS VARCHAR EXECUTE AS CALLER AS 'BEGIN RETURN a; END';
DESCRIBE PROCEDURE p(INT);
SELECT "property", "value" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE "property" IN ('signature', 'returns', 'language', 'execute as', 'body') ORDER BY 1;
--
body | BEGIN RETURN a; END
execute as | CALLER
language | SQL
returns | VARCHAR(16777216)
signature | (A NUMBER)

## ALTER PROCEDURE renames
page: sql-reference/sql/alter-procedure
CREATE PROCEDURE p(a INT) RETURNS INT AS 'BEGIN RETURN a; END';
ALTER PROCEDURE p(INT) RENAME TO q;
CALL q(3);
--
3

## with caller's rights the session's variables are seen
page: developer-guide/stored-procedure/stored-procedures-rights
CREATE PROCEDURE p() RETURNS VARCHAR EXECUTE AS CALLER AS 'BEGIN RETURN $tick; END';
SET tick = 'tock';
CALL p();
--
tock

## an error in a procedure
page: developer-guide/snowflake-scripting/exceptions
CREATE PROCEDURE p()
  RETURNS INT
AS
DECLARE
  broken EXCEPTION (-20100, 'a spring is broken');
BEGIN
  RAISE broken;
END;
CALL p();
--
error: -20100 a spring is broken

## the result of a CALL can be scanned
page: sql-reference/functions/result_scan
CREATE PROCEDURE p() RETURNS INT AS 'BEGIN RETURN 4; END';
CALL p();
SELECT p + 1 FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()));
--
5

## OUT arguments are handed back
page: developer-guide/stored-procedure/stored-procedures-snowflake-scripting
CREATE PROCEDURE p(a INT, b OUT INT)
  RETURNS VARCHAR
AS
BEGIN
  b := a * 3;
  RETURN 'done';
END;
BEGIN
  LET n := 0;
  CALL p(5, :n);
  RETURN n;
END;
--
15

## the arguments are variables
page: developer-guide/stored-procedure/stored-procedures-snowflake-scripting
CREATE PROCEDURE p(a INT)
  RETURNS INT
AS
BEGIN
  a := a + 1;
  RETURN a;
END;
CALL p(1);
--
2

## a procedure of the same arguments is there already
page: sql-reference/sql/create-procedure
CREATE PROCEDURE p(a INT) RETURNS INT AS 'BEGIN RETURN 1; END';
CREATE PROCEDURE p(b INT) RETURNS INT AS 'BEGIN RETURN 2; END';
--
error: 002002 already exists
