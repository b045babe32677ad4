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

## TRY_CAST is for texts
page: sql-reference/functions/try_cast
SELECT TRY_CAST(12 AS VARCHAR);
--
error: 001065 Function TRY_CAST cannot be used with arguments of types NUMBER(2,0) and VARCHAR

## types, and what values are kept in
page: sql-reference/functions/system_typeof
SELECT SYSTEM$TYPEOF(7), SYSTEM$TYPEOF(30000), SYSTEM$TYPEOF('rain'), SYSTEM$TYPEOF(NULL), SYSTEM$TYPEOF(IFF(TRUE, 12, 34567.125)), SYSTEM$TYPEOF(0.5::FLOAT), SYSTEM$TYPEOF('2024-05-15'::DATE), SYSTEM$TYPEOF(PARSE_JSON('1'));
--
NUMBER(1,0)[SB1] | NUMBER(5,0)[SB2] | VARCHAR(4)[LOB] | NULL[LOB] | NUMBER(8,3)[SB4] | FLOAT[DOUBLE] | DATE[SB4] | VARIANT[LOB]

## a text of a number that does not fit
page: sql-reference/functions/to_decimal
SELECT TO_NUMBER('12345', 3, 0);
--
error: 100046 Number out of representable range: type FIXED(3,0), value 12345
