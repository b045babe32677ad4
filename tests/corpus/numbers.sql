## whole numbers divide into six places
page: sql-reference/operators-arithmetic
SELECT 7/2, 1/3, 10/5;
--
3.500000 | 0.333333 | 2.000000
types: NUMBER(38,6), NUMBER(38,6), NUMBER(38,6)

## a quotient has six places more than its dividend, up to twelve
page: sql-reference/operators-arithmetic
SELECT 1.25/3, 1.12345678/3, 1.1234567890123/3;
--
0.41666667 | 0.374485593333 | 0.3744855963374
types: NUMBER(38,8), NUMBER(38,12), NUMBER(38,13)

## large whole numbers divide exactly
page: sql-reference/operators-arithmetic
SELECT 12345678901234567890123/1;
--
12345678901234567890123.000000

## literals have the type that holds them
page: sql-reference/data-types-numeric
SELECT 1, 12.50, 1e2;
--
1 | 12.50 | 100.0
types: NUMBER(1,0), NUMBER(4,2), FLOAT

## sums and products are exact
page: sql-reference/operators-arithmetic
SELECT 0.1 + 0.2, 1.5 * 1.5, 2000000000 + 2000000000, 3000000000 * 3000000000;
--
0.3 | 2.25 | 4000000000 | 9000000000000000000

## division by zero is an error
page: sql-reference/operators-arithmetic
SELECT 1/0;
--
error: 100051 Division by zero

## division by zero only counts where it happens
page: sql-reference/operators-arithmetic
SELECT CASE WHEN x = 0 THEN NULL ELSE 1/x END FROM VALUES (0), (2) AS t(x);
--
NULL
0.500000

## modulo keeps the sign of its dividend, and zero is an error
page: sql-reference/functions/mod
SELECT -5 % 3, MOD(5.5, 2);
--
-2 | 1.5

## modulo by zero
page: sql-reference/functions/mod
SELECT 5 % 0;
--
error: 100051 Division by zero

## DIV0 and its like
page: sql-reference/functions/div0
SELECT DIV0(1, 0), DIV0(1, 4), DIV0NULL(1, NULL), ZEROIFNULL(NULL), NULLIFZERO(0);
--
0.000000 | 0.250000 | 0.000000 | 0 | NULL

## too large a product is an error
page: sql-reference/operators-arithmetic
SELECT 99999999999999999999999999999999999999 * 99;
--
error: 100132 out of range

## rounding is away from zero
page: sql-reference/functions/round
SELECT ROUND(2.5), ROUND(-2.5), ROUND(1.256, 2), ROUND(1234, -2), TRUNC(1.99), TRUNC(-1.257, 2);
--
3 | -3 | 1.26 | 1200 | 1 | -1.25

## floor and ceiling
page: sql-reference/functions/floor
SELECT FLOOR(-1.5), CEIL(1.2), FLOOR(1.29, 1), ABS(-3), SIGN(-2);
--
-2 | 2 | 1.2 | 3 | -1

## a table's numbers keep their scale
page: sql-reference/data-types-numeric
CREATE TABLE t (a NUMBER(10,2), b INT, c FLOAT);
INSERT INTO t VALUES (1.005, 2.5, 1), (NULL, NULL, NULL);
SELECT a, b, c FROM t ORDER BY a;
--
1.01 | 3 | 1.0
NULL | NULL | NULL
types: NUMBER(10,2), NUMBER(38,0), FLOAT

## a number that does not fit its column
page: sql-reference/data-types-numeric
CREATE TABLE t (a NUMBER(3,0));
INSERT INTO t VALUES (1000);
--
error: 100046 1000

## aggregates and their types
page: sql-reference/functions-aggregation
CREATE TABLE t (a INT, d NUMBER(10,2), f FLOAT);
INSERT INTO t VALUES (1, 1.10, 0.5), (2, 2.25, 1.5);
SELECT SUM(a), SUM(d), AVG(a), AVG(d), MIN(d), MAX(a), COUNT(*), SUM(f) FROM t;
--
3 | 3.35 | 1.500000 | 1.67500000 | 1.10 | 2 | 2 | 2.0
types: NUMBER(38,0), NUMBER(38,2), NUMBER(38,6), NUMBER(38,8), NUMBER(10,2), NUMBER(38,0), NUMBER(18,0), FLOAT

## text counts as a number where one is needed
page: sql-reference/data-type-conversion
SELECT '3' + 4, '1.5' * 2, 5 = '5', TO_NUMBER('12.3456', 10, 1);
--
7 | 3.0 | true | 12.3

## text that is no number
page: sql-reference/data-type-conversion
SELECT 'abc'::INT;
--
error: 100038 Numeric value 'abc' is not recognized

## TRY_ gives NULL instead
page: sql-reference/functions/try_to_decimal
SELECT TRY_CAST('abc' AS INT), TRY_TO_NUMBER('x'), TRY_TO_DECIMAL('1.25', 5, 1), TRY_CAST('1' AS NUMBER(3,1));
--
NULL | NULL | 1.3 | 1.0

## bits of binaries
page: sql-reference/functions/bitand
SELECT BITAND(x'F0', x'3C'), BITOR(x'F0', x'0F01', 'LEFT'), BITXOR(x'F0', x'0F01', 'RIGHT'), BITSHIFTRIGHT(x'F000', 4), BITNOT(x'F0'), GETBIT(5, 2);
--
b'0' | b'\x0f\xf1' | b'\xff\x01' | b'\x0f\x00' | b'\x0f' | 1

## a deviation is the root of the variance as it is shown
page: sql-reference/functions/stddev
SELECT ROUND(STDDEV_POP(x), 9), SKEW(x) IS NULL FROM VALUES (6), (14) AS t(x);
--
4.0 | true

## the most frequent, and the best of several
page: sql-reference/functions/approx_top_k
SELECT APPROX_TOP_K(x, 1), MAX_BY(x, y, 2), APPROX_COUNT_DISTINCT(x) FROM VALUES ('a', 1), ('b', 2), ('a', 3) AS t(x, y);
--
[ [ "a", 2 ] ] | [ "a", "b" ] | 2

## rows are counted in which nothing is NULL
page: sql-reference/functions/count
CREATE TABLE x (a INT, bb INT, bc VARIANT);
INSERT INTO x SELECT column1, column2, PARSE_JSON(column3) FROM VALUES (1, 1, '1'), (2, NULL, '2'), (3, 3, 'null');
SELECT COUNT(*), COUNT(x.*), COUNT(* ILIKE 'b%'), COUNT(* EXCLUDE bc), COUNT(a, bc) FROM x;
--
3 | 1 | 1 | 2 | 2

## a text is added up as a floating point number
page: sql-reference/functions/sum
SELECT SUM('1.5'), AVG(column1) FROM VALUES ('1'), ('2');
--
3.0 | 1.5
types: FLOAT, FLOAT

## rounding to places is exact, to the even one too
page: sql-reference/functions/round
SELECT FLOOR(1.15, 2), CEIL(1.151, 2), CEIL(-249.5, -1), FLOOR(98765432109876543210.555, 2), ROUND(3.5, 0, 'HALF_TO_EVEN'), ROUND(4.5, 0, 'HALF_TO_EVEN'), ROUND(2.675, 2, 'HALF_TO_EVEN'), ROUND(EXPR => -4.5, SCALE => 0, ROUNDING_MODE => 'HALF_TO_EVEN'), ROUND(EXPR => 4.45, SCALE => 1);
--
1.15 | 1.16 | -240 | 98765432109876543210.55 | 4 | 4 | 2.68 | -4 | 4.5

## no real number
page: sql-reference/functions/log
SELECT LOG(1, 5);
--
error: 010050 Invalid floating point operation: log(1,5)

## roots of what is negative
page: sql-reference/functions/sqrt
SELECT SQRT(-4);
--
error: 010050 Invalid floating point operation: sqrt(-4)

## a bucket of nothing
page: sql-reference/functions/width_bucket
SELECT WIDTH_BUCKET(5, 10, NULL, 3), WIDTH_BUCKET(35, 10, 100, 3), WIDTH_BUCKET(100, 10, 100, 3);
--
NULL | 1 | 4

## bits of up to 128
page: sql-reference/functions/bitshiftleft
SELECT BITSHIFTLEFT(1, 62), BITSHIFTLEFT(-3, 2), BITSHIFTRIGHT(-8, 1), BITSHIFTRIGHT(5, 100), BITAND(18446744073709551615, 4294967296), GETBIT(18446744073709551616, 64);
--
4611686018427387904 | -12 | -4 | 0 | 4294967296 | 1

## equal numbers have one hash
page: sql-reference/functions/hash
SELECT HASH(3) = HASH(3.00), HASH(3) = HASH(3::FLOAT), HASH(0.5) = HASH(0.5::FLOAT), HASH(3) = HASH('3'), HASH(1, 2) = HASH(2, 1), HASH(NULL) IS NULL;
--
true | true | true | false | false | false

## truths of numbers are rounded
page: sql-reference/functions/booland
SELECT BOOLAND(0.4, 5), BOOLAND(0.6, 5), BOOLOR(0.3, 0), BOOLNOT(0.2), BOOLXOR(0.6, 0);
--
false | true | false | true | true

## a sum behind an exponent
page: sql-reference/data-types-numeric
SELECT 1e0+1, 15e1-1, 1e+2;
--
2.0 | 149.0 | 100.0

## numbers by models: a sign right before them, zeros, literals, shortest and in base 16
page: sql-reference/sql-format-models
SELECT TO_CHAR(x, '"["$99.0"]"'), TO_CHAR(x, '"["B9,999.0"]"'), TO_CHAR(x, 'TME'), TO_CHAR(x, 'TM9'), TO_CHAR(x, '0XXX'), TO_CHAR(x, 'S0XXX') FROM (SELECT column1 x FROM VALUES (-31.25), (0), (0.05), (2741));
--
[-$31.3] | [ -31.3] | -3.125E1 | -31.25 | FFE1 | -001F
[ $0.0] | [ .0] | 0E0 | 0.00 | 0000 | +0000
[ $0.1] | [ .1] | 5E-2 | 0.05 | 0000 | +0000
[ $##.#] | [ 2,741.0] | 2.741E3 | 2741.00 | 0AB5 | +0AB5

## nines at the end are blanks, zeros are not
page: sql-reference/sql-format-models
SELECT '[' || TO_VARCHAR(7.5::FLOAT, '99,999.999') || ']', TO_VARCHAR(7.5::FLOAT, 'S00,000.000'), TO_VARCHAR(-61234.5, 'FM99,999.999'), LENGTH(TO_VARCHAR(7.5, '99,999.999'));
--
[ 7.5 ] | +00,007.500 | -61,234.5 | 11

## numbers read by models
page: sql-reference/functions/to_decimal
SELECT TO_NUMBER('$12.50', '$99.00', 5, 2), TO_NUMBER('7,654.25-', '9,999.99MI', 6, 2), TO_DECIMAL('- 0.5', '99.9', 5, 1), TO_NUMBER('bad', 'XXX'), TRY_TO_NUMBER('bad', 'XX'), TRY_TO_NUMBER('123', '99'), TO_DOUBLE('- 0.5', 'TM9');
--
12.50 | -7654.25 | -0.5 | 2989 | NULL | NULL | -0.5

## what a model does not read
page: sql-reference/functions/to_decimal
SELECT TO_NUMBER('bad', 'XX');
--
error: 100140 Can't parse 'bad' as number with format 'XX'

## a quotient of whole numbers is exact to six digits
page: sql-reference/operators-arithmetic
SELECT 100000000000 / 3, -100000000000 / 3, 1000000000000000 / 7;
--
33333333333.333333 | -33333333333.333333 | 142857142857142.857143
