## choosing values
page: sql-reference/functions-conditional
SELECT IFF(1 > 2, 'a', 'b'), NVL(NULL, 1), NVL2(1, 'set', 'not'), COALESCE(NULL, NULL, 3), DECODE(2, 1, 'one', 2, 'two', 'many'), NULLIF(1, 1);
--
b | 1 | set | 3 | two | NULL

## DECODE knows NULL
page: sql-reference/functions/decode
SELECT DECODE(NULL, NULL, 'none', 'some'), DECODE(5, 1, 'one');
--
none | NULL

## GREATEST and LEAST are NULL where an argument is
page: sql-reference/functions/greatest
SELECT GREATEST(1, 3, 2), LEAST(1.5, 2), GREATEST(1, NULL);
--
3 | 1.5 | NULL

## NULLs compare
page: sql-reference/functions/equal_null
SELECT NULL = NULL, EQUAL_NULL(NULL, NULL), NULL IS NULL, 1 IS DISTINCT FROM NULL;
--
NULL | true | true | true

## IN and BETWEEN and LIKE
page: sql-reference/functions/in
SELECT 2 IN (1, 2), 5 NOT IN (1, 2), 2 BETWEEN 1 AND 3, 'abc' LIKE 'a%', 'ABC' ILIKE 'a_c', 'abc' LIKE ANY ('x%', '%c'), '10%' LIKE '10^%' ESCAPE '^';
--
true | true | true | true | true | true | true

## the words that are booleans
page: sql-reference/functions/to_boolean
SELECT 'yes'::BOOLEAN, 'off'::BOOLEAN, 1::BOOLEAN, TO_BOOLEAN('T');
--
true | false | true | true

## a word that is none
page: sql-reference/functions/to_boolean
SELECT 'perhaps'::BOOLEAN;
--
error: 100037 Boolean value 'perhaps' is not recognized

## a condition with IS DISTINCT FROM names its column whole
page: sql-reference/functions/is-distinct-from
SELECT 1 IS DISTINCT FROM NULL FROM VALUES (1);
--
true
columns: 1 IS DISTINCT FROM NULL
