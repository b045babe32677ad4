## (+) keeps rows without a partner
page: sql-reference/constructs/join
CREATE TABLE wheels (id INT, maker INT);
CREATE TABLE makers (id INT, name VARCHAR);
INSERT INTO wheels VALUES (1, 10), (2, 11), (3, NULL);
INSERT INTO makers VALUES (10, 'Ada'), (12, 'Bo');
SELECT w.id, m.name FROM wheels w, makers m WHERE w.maker = m.id(+) AND m.name(+) <> 'Bo' AND w.id < 3 ORDER BY 1;
--
1 | Ada
2 | NULL

## the next value of a sequence for each row
page: user-guide/querying-sequences
CREATE SEQUENCE s;
CREATE TABLE people (name VARCHAR, pets VARIANT);
INSERT INTO people SELECT 'Ada', PARSE_JSON('["cat", "dog"]') UNION ALL SELECT 'Bo', PARSE_JSON('["owl"]');
SELECT p.name, n.NEXTVAL - MIN(n.NEXTVAL) OVER (), f.value::VARCHAR FROM (SELECT * FROM people ORDER BY name) p, TABLE(GETNEXTVAL(s)) n, LATERAL FLATTEN(p.pets) f ORDER BY 1, 3;
--
Ada | 0 | cat
Ada | 0 | dog
Bo | 1 | owl

## columns matched by their names
page: sql-reference/operators-query
SELECT 1 AS a, 'x' AS z UNION ALL BY NAME SELECT 2 AS b, 3 AS a ORDER BY a;
--
1 | x | NULL
3 | NULL | 2
columns: A | Z | B

## a table of one row
page: sql-reference/constructs/from
SELECT 1 + 1 FROM DUAL;
--
2

## ASOF JOIN … USING compares the columns too
page: sql-reference/constructs/asof-join
CREATE TABLE l (k INT, t INT);
CREATE TABLE r (k INT, t INT, v VARCHAR);
INSERT INTO l VALUES (1, 5), (2, 5);
INSERT INTO r VALUES (1, 4, 'p'), (2, 3, 'q'), (1, 9, 's');
SELECT k, v FROM l ASOF JOIN r MATCH_CONDITION (l.t >= r.t) USING (k) ORDER BY k;
--
1 | p
2 | q

## a join of queries in parentheses
page: sql-reference/constructs/from
SELECT n, m, k FROM ((SELECT 1 AS n) AS a INNER JOIN (SELECT 2 AS m) AS b ON (a.n < b.m)) JOIN (SELECT 1 AS n2, 3 AS k) AS c ON c.n2 = a.n;
--
1 | 2 | 3

## a table and a table function in parentheses
page: sql-reference/constructs/from
CREATE TABLE t (a INT);
INSERT INTO t VALUES (4);
SELECT q.a, f.value FROM (t) AS q, (TABLE(FLATTEN([1, 2])) AS f) ORDER BY 2;
--
4 | 1
4 | 2
