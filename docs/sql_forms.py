"""Statements and query forms of the language, each with an example that shows whether it runs here."""

# ruff: noqa: E501
# E501: an example is one line.

from typing import NamedTuple


class Form(NamedTuple):
    """*example* runs on the tables of ``SETUP``, or is refused; *how* says what is otherwise than documented.

    What is understood and refused only when it is carried out *is_refused*.
    """

    title: str
    example: str
    how: str = ""
    is_refused: bool = False


SETUP = (
    "CREATE TABLE t (a INT, b INT, c VARCHAR, d DATE, v VARIANT)",
    "CREATE TABLE u (a INT, x INT)",
    "CREATE SEQUENCE s",
    "CREATE VIEW w AS SELECT a, c FROM t",
)

QUERIES = (
    Form(
        "WITH, WITH RECURSIVE",
        "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT * FROM n",
    ),
    Form("columns by position", "SELECT $1 FROM VALUES (1), (2)"),
    Form("an alias used beside where it is made", "SELECT a AS x, x + 1 AS y FROM t WHERE x > 1"),
    Form(
        "`*` with EXCLUDE, REPLACE, RENAME, ILIKE",
        "SELECT * EXCLUDE (v) REPLACE (a + 1 AS a) RENAME (b AS bb) FROM t",
    ),
    Form("VALUES", "VALUES (1, 'x'), (2, 'y')"),
    Form("DUAL", "SELECT 1 FROM DUAL"),
    Form("joins: INNER, LEFT, RIGHT, FULL, CROSS, NATURAL, USING", "SELECT * FROM t NATURAL JOIN u"),
    Form(
        "joins with `(+)`",
        "SELECT t.a FROM t, u WHERE t.a = u.a(+)",
        "in a SELECT, each condition about one table",
    ),
    Form("LATERAL", "SELECT * FROM t, LATERAL (SELECT x FROM u WHERE u.a = t.a) l"),
    Form("ASOF JOIN", "SELECT * FROM t ASOF JOIN u MATCH_CONDITION (t.a >= u.x) ON t.a = u.a"),
    Form("GROUP BY, GROUP BY ALL", "SELECT c, SUM(a) FROM t GROUP BY ALL"),
    Form("GROUP BY CUBE, ROLLUP, GROUPING SETS", "SELECT c, SUM(a) FROM t GROUP BY CUBE (c)"),
    Form("HAVING, QUALIFY", "SELECT a FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY c ORDER BY a) = 1"),
    Form(
        "window frames of ROWS and RANGE, intervals too",
        "SELECT SUM(a) OVER (ORDER BY d RANGE BETWEEN INTERVAL '1 day' PRECEDING AND CURRENT ROW) FROM t",
    ),
    Form("ORDER BY, NULLS FIRST, ALL", "SELECT a FROM t ORDER BY a DESC NULLS LAST"),
    Form("LIMIT, OFFSET, FETCH, TOP", "SELECT TOP 2 a FROM t"),
    Form("UNION, INTERSECT, EXCEPT, MINUS", "SELECT a FROM t MINUS SELECT a FROM u"),
    Form("UNION BY NAME", "SELECT a FROM t UNION ALL BY NAME SELECT x, a FROM u"),
    Form(
        "PIVOT over values, ANY and a query, DEFAULT ON NULL",
        "SELECT * FROM (SELECT a, b, c FROM t) PIVOT (SUM(b) FOR c IN ('x', 'y') DEFAULT ON NULL (0))",
        "the values of ANY and of a query are read when the statement is translated",
    ),
    Form(
        "UNPIVOT, INCLUDE NULLS",
        "SELECT * FROM (SELECT a, b FROM t) UNPIVOT INCLUDE NULLS (n FOR k IN (a, b))",
    ),
    Form(
        "START WITH … CONNECT BY, LEVEL, PRIOR, CONNECT_BY_ROOT, SYS_CONNECT_BY_PATH",
        "SELECT a, LEVEL FROM t START WITH b IS NULL CONNECT BY b = PRIOR a",
        "over one table or query; WHERE sorts out rows afterwards (unconfirmed); not NOCYCLE",
    ),
    Form("MATCH_RECOGNIZE", "SELECT * FROM t MATCH_RECOGNIZE (ORDER BY a PATTERN (p+) DEFINE p AS a > 1)"),
    Form(
        "SAMPLE, TABLESAMPLE",
        "SELECT * FROM t SAMPLE BERNOULLI (50)",
        "other rows than there; not with PIVOT, not of a whole SELECT",
    ),
    Form(
        "TABLE(FLATTEN(…)), with every argument",
        "SELECT f.value FROM t, LATERAL FLATTEN(INPUT => t.v, OUTER => TRUE) f",
    ),
    Form("TABLE(GENERATOR(…))", "SELECT SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 2))", "needs ROWCOUNT"),
    Form(
        "TABLE(GETNEXTVAL(…))",
        "SELECT t.a, n.NEXTVAL FROM t, TABLE(GETNEXTVAL(s)) n",
        "not as the first source",
    ),
    Form("AT, BEFORE (time travel)", "SELECT * FROM t AT (OFFSET => -60)"),
    Form("CHANGES", "SELECT * FROM t CHANGES (INFORMATION => DEFAULT) AT (OFFSET => -60)"),
    Form("stages after FROM", "SELECT $1 FROM @stage"),
    Form("FOR UPDATE", "SELECT a FROM t FOR UPDATE"),
    Form(
        "literals: numbers, `'…'` with escapes, `$$…$$`, `x'…'`, DATE, TIME, TIMESTAMP, INTERVAL",
        "SELECT 1.5e-3, 'it''s\\n', $$it's$$, x'0aff', DATE '2024-01-31' + INTERVAL '1 month, 2 days'",
    ),
    Form(
        "arrays and objects written out, `**` before an array",
        "SELECT [1, 2][0], {'a': 1}:a, {*}, COALESCE(** [NULL, 1]) FROM t",
    ),
    Form("paths: `:`, `.`, `[…]`", "SELECT v:a.b[0]['c'] FROM t"),
    Form(
        "IN, BETWEEN, IS DISTINCT FROM, LIKE ANY, LIKE ALL, RLIKE",
        "SELECT a FROM t WHERE c LIKE ANY ('x%', 'y%') AND (a, b) IN ((1, 2))",
    ),
    Form("comparison with ANY and ALL of a query", "SELECT a FROM t WHERE a > ALL (SELECT x FROM u)"),
    Form("IDENTIFIER(…), session variables, bind variables", "SELECT IDENTIFIER('a') FROM IDENTIFIER('t')"),
    Form("FILTER (WHERE …)", "SELECT SUM(a) FILTER (WHERE b > 1) FROM t"),
)

CHANGES = (
    Form("INSERT", "INSERT INTO t (a, c) VALUES (1, 'x'), (2, DEFAULT)"),
    Form("INSERT OVERWRITE", "INSERT OVERWRITE INTO u SELECT 1, 2"),
    Form(
        "INSERT ALL, INSERT FIRST",
        "INSERT FIRST WHEN x > 1 THEN INTO u VALUES (x, x) ELSE INTO t (a) VALUES (x) SELECT 1 AS x",
    ),
    Form("UPDATE, UPDATE … FROM", "UPDATE t SET b = u.x FROM u WHERE t.a = u.a"),
    Form("DELETE, DELETE … USING", "DELETE FROM t USING u WHERE t.a = u.a"),
    Form(
        "MERGE",
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED AND u.x > 1 THEN DELETE WHEN MATCHED THEN UPDATE SET b = u.x WHEN NOT MATCHED THEN INSERT (a) VALUES (u.a)",
        "a row of the target that is updated and matches twice always fails",
    ),
    Form(
        "MERGE … ALL BY NAME",
        "MERGE INTO u USING (SELECT a, x FROM u) n ON u.a = n.a WHEN NOT MATCHED THEN INSERT ALL BY NAME",
    ),
    Form("TRUNCATE TABLE", "TRUNCATE TABLE IF EXISTS u"),
    Form("COPY INTO, PUT, GET, LIST, REMOVE", "COPY INTO t FROM @stage"),
)

OBJECTS = (
    Form(
        "CREATE TABLE",
        "CREATE OR REPLACE TRANSIENT TABLE n (a INT AUTOINCREMENT, b VARCHAR(3) NOT NULL DEFAULT 'x' COMMENT 'y', PRIMARY KEY (a))",
        "keys, clustering and retention have no effect; no tags, policies, computed columns or checks",
    ),
    Form("CREATE TABLE … AS, LIKE, CLONE", "CREATE TABLE n CLONE t", "not CLONE … AT"),
    Form(
        "CREATE VIEW",
        "CREATE OR REPLACE SECURE VIEW n (x COMMENT 'y') COPY GRANTS COMMENT = 'z' AS SELECT a FROM t",
    ),
    Form("CREATE RECURSIVE VIEW", "CREATE RECURSIVE VIEW n (x) AS SELECT 1"),
    Form("CREATE MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW n AS SELECT a FROM t"),
    Form("CREATE SEQUENCE", "CREATE SEQUENCE n START = 5 INCREMENT = 2 ORDER"),
    Form(
        "ALTER TABLE … ADD, DROP, RENAME, ALTER COLUMN",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS e INT DEFAULT 1",
    ),
    Form("ALTER TABLE … RENAME TO", "ALTER TABLE u RENAME TO n"),
    Form("ALTER TABLE … SWAP WITH", "ALTER TABLE t SWAP WITH u"),
    Form("ALTER TABLE … SET, UNSET", "ALTER TABLE t SET COMMENT = 'x'"),
    Form("ALTER TABLE … CLUSTER BY, constraints", "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a)", "no effect"),
    Form("ALTER VIEW … RENAME TO, SET COMMENT", "ALTER VIEW w RENAME TO n"),
    Form("ALTER SEQUENCE", "ALTER SEQUENCE s SET INCREMENT = 2"),
    Form("DROP TABLE, VIEW, SEQUENCE", "DROP TABLE IF EXISTS u CASCADE"),
    Form("UNDROP", "UNDROP TABLE u"),
    Form("COMMENT ON", "COMMENT IF EXISTS ON TABLE t IS 'x'"),
    Form(
        "CREATE DYNAMIC TABLE, HYBRID, EXTERNAL, ICEBERG",
        "CREATE DYNAMIC TABLE n TARGET_LAG = '1 minute' WAREHOUSE = w AS SELECT a FROM t",
    ),
    Form("GRANT, REVOKE", "GRANT SELECT ON TABLE t TO ROLE r"),
    Form("EXPLAIN", "EXPLAIN SELECT a FROM t"),
)

HOST = (
    Form("BEGIN, COMMIT, ROLLBACK", "BEGIN TRANSACTION"),
    Form("CREATE, ALTER, DROP, USE of DATABASE, SCHEMA, WAREHOUSE", "CREATE DATABASE IF NOT EXISTS d"),
    Form("USE ROLE, USE SECONDARY ROLES", "USE ROLE accountadmin", "secondary roles do nothing"),
    Form("SET, UNSET", "SET x = 1"),
    Form("ALTER SESSION", "ALTER SESSION SET TIMEZONE = 'UTC'"),
    Form("SHOW", "SHOW TABLES LIKE 'x%' IN SCHEMA"),
    Form("DESCRIBE", "DESCRIBE TABLE t"),
    Form("CREATE, ALTER, DROP, EXECUTE TASK", "CREATE TASK n SCHEDULE = '1 minute' AS SELECT 1"),
    Form("CREATE, ALTER, DROP STREAM", "CREATE STREAM n ON TABLE t"),
    Form("CREATE PROCEDURE, FUNCTION (SQL)", "CREATE FUNCTION f(x INT) RETURNS INT AS 'x + 1'"),
    Form(
        "CREATE PROCEDURE, FUNCTION in other languages",
        "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION = '3.11' HANDLER = 'f' AS 'def f(x): return x'",
        is_refused=True,
    ),
    Form("CALL", "CALL p(1)"),
    Form("CREATE TAG, SET TAG", "CREATE TAG cost ALLOWED_VALUES 'a', 'b'"),
    Form("Snowflake Scripting: BEGIN … END, DECLARE", "BEGIN LET x := 1; RETURN x; END"),
    Form("EXECUTE IMMEDIATE", "EXECUTE IMMEDIATE 'SELECT 1'"),
    Form("CREATE USER, ROLE", "CREATE ROLE r"),
    Form("CREATE STAGE, FILE FORMAT, PIPE", "CREATE STAGE n"),
)
