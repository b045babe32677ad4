## paths, casts and case
page: user-guide/querying-semistructured
SELECT v:a.b[1]::INT, v:A, v['a']['b'][0], v:name::VARCHAR, v:name FROM (SELECT PARSE_JSON('{"a": {"b": [1, 2]}, "name": "x"}') v);
--
2 | NULL | 1 | x | "x"

## a JSON null is not NULL, as text it is
page: sql-reference/data-types-semistructured
SELECT v:n IS NULL, IS_NULL_VALUE(v:n), v:n::VARCHAR, v:missing IS NULL FROM (SELECT PARSE_JSON('{"n": null}') v);
--
false | true | NULL | true

## building objects leaves NULLs out
page: sql-reference/functions/object_construct
SELECT OBJECT_CONSTRUCT('b', 1, 'a', NULL, 'c', 'x'), OBJECT_CONSTRUCT_KEEP_NULL('a', NULL), ARRAY_CONSTRUCT(1, 'a', NULL);
--
{ "b": 1, "c": "x" } | { "a": null } | [ 1, "a", null ]
types: OBJECT, OBJECT, ARRAY

## an object of a row
page: sql-reference/functions/object_construct
CREATE TABLE t (id INT, name VARCHAR);
INSERT INTO t VALUES (1, 'x');
SELECT OBJECT_CONSTRUCT(*) FROM t;
--
{ "ID": 1, "NAME": "x" }

## ARRAY_AGG orders and skips NULLs
page: sql-reference/functions/array_agg
SELECT ARRAY_AGG(x) WITHIN GROUP (ORDER BY x DESC), ARRAY_AGG(DISTINCT x) WITHIN GROUP (ORDER BY x) FROM VALUES (1), (3), (NULL), (3) AS t(x);
--
[ 3, 3, 1 ] | [ 1, 3 ]

## FLATTEN gives a row an element
page: sql-reference/functions/flatten
SELECT t.id, f.index, f.value::INT FROM (SELECT 1 id, PARSE_JSON('[10, 20]') v UNION ALL SELECT 2, PARSE_JSON('[]')) t, LATERAL FLATTEN(input => t.v) f ORDER BY 1, 2;
--
1 | 0 | 10
1 | 1 | 20

## FLATTEN with OUTER keeps the empty
page: sql-reference/functions/flatten
SELECT t.id, f.value FROM (SELECT 1 id, PARSE_JSON('[10]') v UNION ALL SELECT 2, NULL) t, LATERAL FLATTEN(input => t.v, outer => TRUE) f ORDER BY 1;
--
1 | 10
2 | NULL

## FLATTEN of an object
page: sql-reference/functions/flatten
SELECT f.key, f.path, f.value FROM TABLE(FLATTEN(PARSE_JSON('{"b": 2, "a": {"c": 1}}'))) f;
--
a | a | { "c": 1 }
b | b | 2

## variants compare and sort by value
page: sql-reference/data-types-semistructured
SELECT v FROM (SELECT PARSE_JSON(column1) v FROM VALUES ('10'), ('9'), ('2')) ORDER BY v;
--
2
9
10

## conditions on variants
page: sql-reference/data-types-semistructured
SELECT COUNT(*) FROM (SELECT PARSE_JSON(column1) v FROM VALUES ('{"a": 1}'), ('{"a": 5}'), ('{"a": "x"}')) WHERE TRY_CAST(v:a::VARCHAR AS INT) > 2;
--
1

## arrays
page: sql-reference/functions-semistructured
SELECT ARRAY_SIZE(a), ARRAY_CONTAINS(2::VARIANT, a), ARRAY_APPEND(a, 4), ARRAY_CAT(a, [9]), ARRAY_TO_STRING(a, '-'), ARRAY_SLICE(a, 0, 2), GET(a, 0) FROM (SELECT ARRAY_CONSTRUCT(1, 2, 3) a);
--
3 | true | [ 1, 2, 3, 4 ] | [ 1, 2, 3, 9 ] | 1-2-3 | [ 1, 2 ] | 1

## types of variants
page: sql-reference/data-types-semistructured
SELECT TYPEOF(PARSE_JSON('1')), TYPEOF(PARSE_JSON('"a"')), TYPEOF(PARSE_JSON('[1]')), TYPEOF(PARSE_JSON('{}')), TYPEOF(PARSE_JSON('true')), TYPEOF(PARSE_JSON('null'));
--
INTEGER | VARCHAR | ARRAY | OBJECT | BOOLEAN | NULL_VALUE

## text that is no JSON
page: sql-reference/functions/parse_json
SELECT PARSE_JSON('{"a": ');
--
error: 100069 Error parsing JSON

## lambdas
page: sql-reference/functions/transform
SELECT TRANSFORM([1, 2], x -> x * 10), FILTER([1, 2, 3], x -> x > 1);
--
[ 10, 20 ] | [ 2, 3 ]

## OBJECT_AGG
page: sql-reference/functions/object_agg
SELECT OBJECT_AGG(k, v) FROM VALUES ('a', 1), ('b', NULL), (NULL, 3) AS t(k, v);
--
{ "a": 1 }

## JSON as it is written by hand
page: sql-reference/functions/parse_json
SELECT PARSE_JSON('{a: 1, "t": "a, b: c", y: [], n: NULL,}'), TRY_PARSE_JSON('{"a":1') IS NULL;
--
{ "a": 1, "n": null, "t": "a, b: c", "y": [] } | true

## a name twice in an object
page: sql-reference/functions/parse_json
SELECT PARSE_JSON('{"a":1,"a":2}');
--
error: 100069 duplicate object attribute

## a name twice in an object, the last one taken
page: sql-reference/functions/parse_json
SELECT PARSE_JSON('{"a":1,"b":0,"a":2}', 'd');
--
{ "a": 2, "b": 0 }

## arrays turned, and paired
page: sql-reference/functions/arrays_to_object
SELECT ARRAY_REVERSE([1, 2, 3]), ARRAYS_TO_OBJECT(['a', 'b'], [1, NULL]), GET_IGNORE_CASE(PARSE_JSON('{"aB": 7}'), 'AB');
--
[ 3, 2, 1 ] | { "a": 1 } | 7

## a floating-point number in a variant
page: sql-reference/functions/typeof
SELECT TYPEOF(TO_VARIANT(3.21::DOUBLE)), TO_VARIANT(3.21::DOUBLE), TYPEOF(TO_VARIANT(1.5));
--
DOUBLE | 3.210000000000000e+00 | DECIMAL

## objects as text have their names in order
page: sql-reference/data-types-semistructured
SELECT TO_JSON(PARSE_JSON('{"b":1,"a":2}')), {'z': 1, 'a': {'y': 1, 'b': 2}}::VARCHAR, OBJECT_CONSTRUCT('b', NULL, 'a', 2)::VARCHAR;
--
{"a":2,"b":1} | {"a":{"b":2,"y":1},"z":1} | {"a":2}

## elements come in their order, row by row
page: sql-reference/functions/flatten
CREATE TABLE t (id INT, v VARIANT, t1 INT);
INSERT INTO t SELECT 1, PARSE_JSON('[[3, 1], [2]]'), 9;
SELECT id, t1, f.index, g.value FROM t, LATERAL FLATTEN(v) f, LATERAL FLATTEN(f.value) g;
--
1 | 9 | 0 | 3
1 | 9 | 0 | 1
1 | 9 | 1 | 2

## arrays and objects that a query gives become text, also for each row
page: sql-reference/functions/to_char
SELECT (SELECT ARRAY_AGG(y) FROM VALUES (1), (2) AS t(y) WHERE y > x)::VARCHAR, TO_VARCHAR((SELECT OBJECT_CONSTRUCT('a', x))) FROM VALUES (0), (1) AS u(x) ORDER BY x;
--
[1,2] | {"a":0}
[2] | {"a":1}

## elements of arrays are equal where their values are
page: sql-reference/functions/array_distinct
SELECT ARRAY_CONTAINS(3::VARIANT, [1, 3.0]), ARRAY_POSITION(2.0::VARIANT, [1, 2]), ARRAY_DISTINCT([7, 7.0, 'x', 'x']),
  ARRAY_EXCEPT([4, 5.0], [5]), ARRAY_INTERSECTION([4, 5], [5.0, 6]), ARRAYS_OVERLAP([8.0], [8]),
  ARRAY_CONTAINS({'x': 1, 'y': 2}, [PARSE_JSON('{"y": 2, "x": 1}')]);
--
true | 1 | [ 7, "x" ] | [ 4 ] | [ 5 ] | true | true

## NULL is found among the NULLs of an array
page: sql-reference/functions/array_position
SELECT ARRAY_POSITION(NULL, [7, NULL]), ARRAY_POSITION(NULL, [7]), ARRAY_CONTAINS(NULL, [7, NULL]), ARRAY_CONTAINS(NULL, [7]);
--
1 | NULL | true | NULL

## the union of arrays has each value as often as one of them has it
page: sql-reference/functions/array_union_agg
SELECT ARRAY_SORT(ARRAY_UNION_AGG(PARSE_JSON(column1)::ARRAY)) FROM VALUES ('[5, 5, 6]'), ('[5, 6, 7]'), ('[null]'), (NULL);
--
[ 5, 5, 6, 7 ]

## an array that is flattened holds arrays alone
page: sql-reference/functions/array_flatten
SELECT ARRAY_FLATTEN([5, [6]]);
--
error: 100071 ARRAY_FLATTEN

## the step of a range is not 0, and nothing comes of NULL
page: sql-reference/functions/array_generate_range
SELECT ARRAY_GENERATE_RANGE(3, NULL), ARRAY_GENERATE_RANGE(3, 5, 1), ARRAY_TO_STRING([1, 2], NULL), ARRAY_SIZE(NULL);
--
NULL | [ 3, 4 ] | NULL | NULL

## a range with a step of 0
page: sql-reference/functions/array_generate_range
SELECT ARRAY_GENERATE_RANGE(3, 5, 0);
--
error: 100071 ARRAY_GENERATE_RANGE

## variants are compared by their values
page: sql-reference/data-types-semistructured
SELECT PARSE_JSON('3') > PARSE_JSON('20'), PARSE_JSON('3') = PARSE_JSON('3.0'), PARSE_JSON('"b"') > PARSE_JSON('"a"'),
  PARSE_JSON('{"q": 1, "p": 2}') = PARSE_JSON('{"p": 2, "q": 1}'), NULL::VARIANT = PARSE_JSON('3');
--
false | true | true | true | NULL

## pairs with a NULL key are left out
page: sql-reference/functions/object_construct_keep_null
SELECT OBJECT_CONSTRUCT(NULL, 1), OBJECT_CONSTRUCT_KEEP_NULL(NULL, 1, 'b', NULL), OBJECT_CONSTRUCT_KEEP_NULL(column1, column2)
FROM VALUES ('k', 1), (NULL, 2);
--
{} | { "b": null } | { "k": 1 }
{} | { "b": null } | {}

## a text that reads like an object or an array is neither
page: sql-reference/functions/to_variant
SELECT PARSE_JSON('{"a":1}') = TO_VARIANT('{"a":1}'), PARSE_JSON('[1]') = TO_VARIANT('[1]'), PARSE_JSON('true') = TO_VARIANT('true'), PARSE_JSON('"x"') = TO_VARIANT('x'), PARSE_JSON('{"a":1}') = PARSE_JSON('{ "a": 1 }');
--
false | false | false | true | true
