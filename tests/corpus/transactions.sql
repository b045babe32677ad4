## COMMIT keeps, ROLLBACK does not
page: sql-reference/transactions
CREATE TABLE t (a INT);
BEGIN;
INSERT INTO t VALUES (1);
COMMIT;
BEGIN;
INSERT INTO t VALUES (2);
ROLLBACK;
SELECT a FROM t;
--
1

## a transaction sees its own changes
page: sql-reference/transactions
CREATE TABLE t (a INT);
BEGIN;
INSERT INTO t VALUES (1), (2);
DELETE FROM t WHERE a = 1;
SELECT a FROM t;
--
2

## words that begin a transaction
page: sql-reference/sql/begin
BEGIN WORK;
--
Statement executed successfully.

## a transaction with a name
page: sql-reference/sql/begin
CREATE TABLE t (a INT);
START TRANSACTION NAME tick;
INSERT INTO t VALUES (1);
COMMIT WORK;
SELECT COUNT(*) FROM t;
--
1

## COMMIT without a transaction does nothing
page: sql-reference/sql/commit
COMMIT;
--
Statement executed successfully.

## ROLLBACK without a transaction does nothing
page: sql-reference/sql/rollback
ROLLBACK;
--
Statement executed successfully.

## CURRENT_TRANSACTION is NULL outside
page: sql-reference/functions/current_transaction
SELECT CURRENT_TRANSACTION();
--
NULL

## DDL commits what is open
page: sql-reference/transactions
CREATE TABLE t (a INT);
BEGIN;
INSERT INTO t VALUES (1);
CREATE TABLE t2 (a INT);
ROLLBACK;
SELECT COUNT(*) FROM t;
--
1

## without AUTOCOMMIT a change opens a transaction
page: sql-reference/parameters
CREATE TABLE t (a INT);
ALTER SESSION SET AUTOCOMMIT = FALSE;
INSERT INTO t VALUES (1);
ROLLBACK;
SELECT COUNT(*) FROM t;
--
0

## setting AUTOCOMMIT back commits
page: sql-reference/parameters
CREATE TABLE t (a INT);
ALTER SESSION SET AUTOCOMMIT = FALSE;
INSERT INTO t VALUES (1);
COMMIT;
ALTER SESSION SET AUTOCOMMIT = TRUE;
INSERT INTO t VALUES (2);
ROLLBACK;
SELECT COUNT(*) FROM t;
--
2

## TRUNCATE can be rolled back
page: sql-reference/sql/truncate-table
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1);
BEGIN;
TRUNCATE TABLE t;
ROLLBACK;
SELECT COUNT(*) FROM t;
--
1

## two databases in one transaction
page: sql-reference/transactions
CREATE TABLE t (a INT);
CREATE TABLE other.s.t (a INT);
BEGIN;
INSERT INTO t VALUES (1);
INSERT INTO other.s.t VALUES (1);
ROLLBACK;
SELECT (SELECT COUNT(*) FROM t), (SELECT COUNT(*) FROM other.s.t);
--
0 | 0

## a scoped transaction of a procedure
page: sql-reference/transactions
CREATE TABLE t (a INT);
CREATE PROCEDURE p()
  RETURNS VARCHAR
AS
BEGIN
  BEGIN TRANSACTION;
  INSERT INTO t VALUES (1);
  COMMIT;
  RETURN 'kept';
END;
CALL p();
SELECT COUNT(*) FROM t;
--
1

## a procedure within a transaction takes part in it
page: sql-reference/transactions
CREATE TABLE t (a INT);
CREATE PROCEDURE p()
  RETURNS VARCHAR
AS
BEGIN
  INSERT INTO t VALUES (1);
  RETURN 'done';
END;
BEGIN;
CALL p();
ROLLBACK;
SELECT COUNT(*) FROM t;
--
0
