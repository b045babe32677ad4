## a block returns a value in the column anonymous block
page: developer-guide/snowflake-scripting/blocks
BEGIN
  RETURN 'done';
END;
--
done
columns: anonymous block

## DECLARE with types, defaults and a type from the value
page: developer-guide/snowflake-scripting/variables
DECLARE
  price NUMBER(6, 2) DEFAULT 4.50;
  pieces INTEGER;
  words := 'pieces cost ';
BEGIN
  pieces := 3;
  RETURN pieces || ' ' || words || price * pieces;
END;
--
3 pieces cost 13.50

## a variable without a value is NULL
page: developer-guide/snowflake-scripting/variables
DECLARE
  x INTEGER;
BEGIN
  RETURN x IS NULL;
END;
--
true

## LET with and without a type
page: developer-guide/snowflake-scripting/variables
BEGIN
  LET a INTEGER := 2;
  LET b := 3;
  LET c VARCHAR DEFAULT 'c';
  RETURN a * b || c;
END;
--
6c

## a variable is cast to its declared type
page: developer-guide/snowflake-scripting/variables
DECLARE
  n NUMBER(5, 1);
BEGIN
  n := 2.25;
  RETURN n;
END;
--
2.3

## SELECT INTO variables
page: developer-guide/snowflake-scripting/variables
CREATE TABLE t (k INT, v VARCHAR);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
DECLARE
  n INTEGER;
  last VARCHAR;
BEGIN
  SELECT COUNT(*), MAX(v) INTO :n, :last FROM t;
  RETURN n || last;
END;
--
2b

## a variable in a statement has a colon
page: developer-guide/snowflake-scripting/variables
CREATE TABLE t (k INT, v VARCHAR);
BEGIN
  LET k := 7;
  LET v := 'seven';
  INSERT INTO t VALUES (:k, :v);
END;
SELECT * FROM t;
--
7 | seven

## IDENTIFIER makes a name of a variable
page: developer-guide/snowflake-scripting/variables
BEGIN
  LET name := 'made';
  CREATE TABLE IDENTIFIER(:name) (a INT);
  INSERT INTO IDENTIFIER(:name) VALUES (1), (2);
  LET n := 0;
  SELECT COUNT(*) INTO :n FROM IDENTIFIER(:name);
  RETURN n;
END;
--
2

## an inner block hides a name and sees the others
page: developer-guide/snowflake-scripting/blocks
DECLARE
  x INTEGER DEFAULT 1;
  y INTEGER DEFAULT 10;
BEGIN
  DECLARE
    x INTEGER DEFAULT 2;
  BEGIN
    y := y + x;
  END;
  RETURN x || ',' || y;
END;
--
1,12

## IF with ELSEIF and ELSE
page: developer-guide/snowflake-scripting/branch
BEGIN
  LET n := 5;
  IF (n < 3) THEN
    RETURN 'small';
  ELSEIF (n < 10) THEN
    RETURN 'medium';
  ELSE
    RETURN 'large';
  END IF;
END;
--
medium

## an IF whose condition is NULL does not hold
page: developer-guide/snowflake-scripting/branch
DECLARE
  x INTEGER;
BEGIN
  IF (x = 1) THEN
    RETURN 'one';
  END IF;
  RETURN 'not one';
END;
--
not one

## CASE of an expression
page: developer-guide/snowflake-scripting/branch
BEGIN
  LET hand := 'minute';
  CASE (hand)
    WHEN 'hour' THEN
      RETURN 12;
    WHEN 'minute' THEN
      RETURN 60;
    ELSE
      RETURN 0;
  END;
END;
--
60

## CASE of conditions
page: developer-guide/snowflake-scripting/branch
BEGIN
  LET n := 42;
  CASE
    WHEN n < 10 THEN RETURN 'one digit';
    WHEN n < 100 THEN RETURN 'two digits';
    ELSE RETURN 'more';
  END CASE;
END;
--
two digits

## a FOR loop counts
page: developer-guide/snowflake-scripting/loops
BEGIN
  LET total := 0;
  FOR i IN 1 TO 4 DO
    total := total + i;
  END FOR;
  RETURN total;
END;
--
10

## a FOR loop counts down
page: developer-guide/snowflake-scripting/loops
BEGIN
  LET seen := '';
  FOR i IN REVERSE 1 TO 3 DO
    seen := seen || i;
  END FOR;
  RETURN seen;
END;
--
321

## a FOR loop whose end is before its start does nothing
page: developer-guide/snowflake-scripting/loops
BEGIN
  LET n := 0;
  FOR i IN 3 TO 1 DO
    n := n + 1;
  END FOR;
  RETURN n;
END;
--
0

## a FOR loop over a cursor
page: developer-guide/snowflake-scripting/loops
CREATE TABLE t (a INT, b VARCHAR);
INSERT INTO t VALUES (1, 'x'), (2, 'y');
DECLARE
  c CURSOR FOR SELECT a, b FROM t ORDER BY a;
  seen VARCHAR DEFAULT '';
BEGIN
  FOR line IN c DO
    seen := seen || line.a || line.b;
  END FOR;
  RETURN seen;
END;
--
1x2y

## a FOR loop over a result set
page: developer-guide/snowflake-scripting/loops
DECLARE
  total FLOAT DEFAULT 0;
  found RESULTSET;
BEGIN
  found := (SELECT column1 AS v FROM VALUES (1.5), (2.5));
  FOR line IN found DO
    total := total + line.v;
  END FOR;
  RETURN total;
END;
--
4.0

## WHILE
page: developer-guide/snowflake-scripting/loops
BEGIN
  LET n := 1;
  WHILE (n < 100) DO
    n := n * 2;
  END WHILE;
  RETURN n;
END;
--
128

## REPEAT runs at least once
page: developer-guide/snowflake-scripting/loops
BEGIN
  LET n := 10;
  REPEAT
    n := n + 1;
  UNTIL (n > 5)
  END REPEAT;
  RETURN n;
END;
--
11

## LOOP ends with BREAK
page: developer-guide/snowflake-scripting/loops
BEGIN
  LET n := 0;
  LOOP
    n := n + 1;
    IF (n = 4) THEN
      BREAK;
    END IF;
  END LOOP;
  RETURN n;
END;
--
4

## CONTINUE goes on with the next round
page: developer-guide/snowflake-scripting/loops
BEGIN
  LET odd := 0;
  FOR i IN 1 TO 6 DO
    IF (i % 2 = 0) THEN
      CONTINUE;
    END IF;
    odd := odd + i;
  END FOR;
  RETURN odd;
END;
--
9

## BREAK names the loop that ends
page: developer-guide/snowflake-scripting/loops
BEGIN
  LET n := 0;
  LOOP
    LOOP
      n := n + 1;
      IF (n = 3) THEN
        BREAK outer_loop;
      END IF;
    END LOOP inner_loop;
  END LOOP outer_loop;
  RETURN n;
END;
--
3

## a cursor is opened, fetched from and closed
page: developer-guide/snowflake-scripting/cursors
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2), (3);
DECLARE
  c CURSOR FOR SELECT a FROM t ORDER BY a DESC;
  first INTEGER;
  second INTEGER;
BEGIN
  OPEN c;
  FETCH c INTO first;
  FETCH c INTO second;
  CLOSE c;
  RETURN first || ',' || second;
END;
--
3,2

## a cursor with a value to bind
page: developer-guide/snowflake-scripting/cursors
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (5), (9);
DECLARE
  low INTEGER DEFAULT 4;
  high INTEGER DEFAULT 6;
  n INTEGER DEFAULT 0;
  c CURSOR FOR SELECT a FROM t WHERE a BETWEEN ? AND ?;
BEGIN
  OPEN c USING (low, high);
  FETCH c INTO n;
  RETURN n;
END;
--
5

## FETCH past the last row leaves NULL
page: developer-guide/snowflake-scripting/cursors
DECLARE
  c CURSOR FOR SELECT 1 AS a;
  n INTEGER;
BEGIN
  OPEN c;
  FETCH c INTO n;
  FETCH c INTO n;
  RETURN n IS NULL;
END;
--
true

## FETCH from a cursor that is not open
page: developer-guide/snowflake-scripting/cursors
DECLARE
  c CURSOR FOR SELECT 1 AS a;
  n INTEGER;
BEGIN
  FETCH c INTO n;
END;
--
error: 090086 is not open

## a block returns the table of a cursor
page: developer-guide/snowflake-scripting/cursors
DECLARE
  c CURSOR FOR SELECT column1 AS a FROM VALUES (1), (2) ORDER BY 1;
BEGIN
  OPEN c;
  RETURN TABLE(RESULTSET_FROM_CURSOR(c));
END;
--
1
2
columns: A

## a block returns the table of a result set
page: developer-guide/snowflake-scripting/resultsets
DECLARE
  found RESULTSET DEFAULT (SELECT 1 AS a, 'x' AS b);
BEGIN
  RETURN TABLE(found);
END;
--
1 | x
columns: A | B

## a result set of a statement that is put together
page: developer-guide/snowflake-scripting/resultsets
CREATE TABLE t (a INT);
INSERT INTO t VALUES (4), (2);
DECLARE
  found RESULTSET;
  column_name VARCHAR DEFAULT 'a';
BEGIN
  LET query := 'SELECT ' || column_name || ' FROM t ORDER BY 1';
  found := (EXECUTE IMMEDIATE :query);
  RETURN TABLE(found);
END;
--
2
4

## a cursor on a result set
page: developer-guide/snowflake-scripting/resultsets
BEGIN
  LET found RESULTSET := (SELECT 5 AS a UNION ALL SELECT 6 ORDER BY a);
  LET c CURSOR FOR found;
  LET total := 0;
  FOR line IN c DO
    total := total + line.a;
  END FOR;
  RETURN total;
END;
--
11

## EXECUTE IMMEDIATE of a text, with values
page: sql-reference/sql/execute-immediate
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2), (3);
BEGIN
  LET low := 1;
  LET high := 2;
  LET found RESULTSET := (EXECUTE IMMEDIATE 'SELECT a FROM t WHERE a BETWEEN ? AND ? ORDER BY a' USING (low, high));
  RETURN TABLE(found);
END;
--
1
2

## EXECUTE IMMEDIATE of a block between dollars
page: sql-reference/sql/execute-immediate
EXECUTE IMMEDIATE $$
BEGIN
  RETURN 6 * 7;
END;
$$;
--
42

## EXECUTE IMMEDIATE of a session variable
page: sql-reference/sql/execute-immediate
SET query = 'SELECT 1 + 2 AS three';
EXECUTE IMMEDIATE $query;
--
3
columns: THREE

## SQLROWCOUNT, SQLFOUND and SQLNOTFOUND tell of the last change
page: developer-guide/snowflake-scripting/dml-status
CREATE TABLE t (a INT);
BEGIN
  INSERT INTO t VALUES (1), (2), (3);
  LET made := SQLROWCOUNT;
  UPDATE t SET a = 0 WHERE a > 1;
  LET changed := SQLROWCOUNT;
  DELETE FROM t WHERE a = 99;
  RETURN made || ',' || changed || ',' || SQLROWCOUNT || ',' || SQLFOUND || ',' || SQLNOTFOUND;
END;
--
3,2,0,false,true

## SQLID is the id of the last statement
page: developer-guide/snowflake-scripting/query-id
BEGIN
  SELECT 5 AS five;
  LET found RESULTSET := (SELECT five + 1 AS six FROM TABLE(RESULT_SCAN(:SQLID)));
  RETURN TABLE(found);
END;
--
6

## a handler catches an exception that was declared
page: developer-guide/snowflake-scripting/exceptions
DECLARE
  too_late EXCEPTION (-20002, 'the clock has struck');
BEGIN
  RAISE too_late;
EXCEPTION
  WHEN too_late THEN
    RETURN SQLCODE || ' ' || SQLERRM || ' ' || SQLSTATE;
END;
--
-20002 the clock has struck P0001

## an exception that nobody catches is the statement's error
page: developer-guide/snowflake-scripting/exceptions
DECLARE
  too_late EXCEPTION (-20002, 'the clock has struck');
BEGIN
  RAISE too_late;
END;
--
error: -20002 the clock has struck

## a handler for a failed statement
page: developer-guide/snowflake-scripting/exceptions
BEGIN
  SELECT * FROM no_such_table;
EXCEPTION
  WHEN STATEMENT_ERROR THEN
    RETURN 'statement ' || SQLSTATE;
END;
--
statement 42S02

## a handler for a failed expression
page: developer-guide/snowflake-scripting/exceptions
BEGIN
  LET n := 1 / 0;
EXCEPTION
  WHEN EXPRESSION_ERROR THEN
    RETURN 'expression';
END;
--
expression

## OTHER catches the rest
page: developer-guide/snowflake-scripting/exceptions
DECLARE
  odd EXCEPTION;
BEGIN
  RAISE odd;
EXCEPTION
  WHEN STATEMENT_ERROR THEN
    RETURN 'statement';
  WHEN OTHER THEN
    RETURN 'other';
END;
--
other

## one handler for two exceptions
page: developer-guide/snowflake-scripting/exceptions
DECLARE
  one EXCEPTION (-20001, 'one');
  two EXCEPTION (-20002, 'two');
BEGIN
  RAISE two;
EXCEPTION
  WHEN one OR two THEN
    RETURN SQLERRM;
END;
--
two

## RAISE in a handler raises again
page: developer-guide/snowflake-scripting/exceptions
DECLARE
  inner_fault EXCEPTION (-20005, 'from within');
BEGIN
  BEGIN
    RAISE inner_fault;
  EXCEPTION
    WHEN OTHER THEN
      RAISE;
  END;
EXCEPTION
  WHEN inner_fault THEN
    RETURN 'outer: ' || SQLERRM;
END;
--
outer: from within

## an exception's number lies in its bounds
page: developer-guide/snowflake-scripting/exceptions
DECLARE
  wrong EXCEPTION (-100, 'x');
BEGIN
  RETURN 1;
END;
--
error: 001003

## a transaction in a block
page: developer-guide/snowflake-scripting/blocks
CREATE TABLE t (a INT);
BEGIN
  BEGIN TRANSACTION;
  INSERT INTO t VALUES (1);
  ROLLBACK;
  BEGIN TRANSACTION;
  INSERT INTO t VALUES (2);
  COMMIT;
END;
SELECT * FROM t;
--
2

## NULL does nothing
page: sql-reference/snowflake-scripting/null
BEGIN
  IF (1 = 1) THEN
    NULL;
  END IF;
  RETURN 'through';
END;
--
through

## RETURN without a value ends the block
page: sql-reference/snowflake-scripting/return
CREATE TABLE t (a INT);
BEGIN
  INSERT INTO t VALUES (1);
  IF (TRUE) THEN
    RETURN NULL;
  END IF;
  INSERT INTO t VALUES (2);
END;
SELECT COUNT(*) FROM t;
--
1

## a block without RETURN gives NULL
page: sql-reference/snowflake-scripting/return
BEGIN
  LET x := 1;
END;
--
NULL

## ASYNC statements are awaited
page: developer-guide/snowflake-scripting/asynchronous-child-jobs
CREATE TABLE t (a INT);
BEGIN
  ASYNC (INSERT INTO t VALUES (1));
  ASYNC (INSERT INTO t VALUES (2));
  AWAIT ALL;
END;
SELECT a FROM t ORDER BY a;
--
1
2

## an ASYNC result set is awaited by name
page: developer-guide/snowflake-scripting/asynchronous-child-jobs
BEGIN
  LET found RESULTSET := ASYNC (SELECT 8 AS a);
  AWAIT found;
  LET c CURSOR FOR found;
  OPEN c;
  LET n := 0;
  FETCH c INTO n;
  RETURN n;
END;
--
8

## a name that is not declared
page: developer-guide/snowflake-scripting/variables
BEGIN
  missing := 1;
  RETURN missing;
END;
--
error: 000904

## a mistake in a block is told with its place
page: developer-guide/snowflake-scripting/blocks
BEGIN
  LET x := ;
END;
--
error: 001003 line 2

## expressions call functions
page: developer-guide/snowflake-scripting/variables
BEGIN
  LET s := UPPER('tick') || LENGTH('tock') || IFF(2 > 1, '!', '?') || COALESCE(NULL, 'x');
  RETURN s;
END;
--
TICK4!x

## a subquery in a condition
page: developer-guide/snowflake-scripting/branch
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
BEGIN
  IF (EXISTS (SELECT * FROM t WHERE a = 1)) THEN
    RETURN 'there';
  END IF;
  RETURN 'none';
END;
--
there

## a variable may hold an object
page: developer-guide/snowflake-scripting/variables
DECLARE
  o OBJECT;
BEGIN
  o := OBJECT_CONSTRUCT('teeth', 60);
  RETURN o:teeth::INTEGER + 4;
END;
--
64
