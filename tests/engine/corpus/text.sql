## cutting and padding
page: sql-reference/functions-string
SELECT SUBSTR('clockmill', 6), SUBSTRING('clockmill', 1, 5), LEFT('abc', 2), RIGHT('abc', 2), LPAD('7', 3, '0'), RPAD('a', 3, '-'), TRIM('  a '), LTRIM('xxa', 'x');
--
mill | clock | ab | bc | 007 | a-- | a | a

## finding
page: sql-reference/functions-string
SELECT POSITION('c' IN 'abc'), CHARINDEX('b', 'abcb', 3), CONTAINS('abc', 'b'), STARTSWITH('abc', 'ab'), ENDSWITH('abc', 'bc'), LENGTH('häuser');
--
3 | 4 | true | true | true | 6

## joining
page: sql-reference/functions-string
SELECT 'a' || 1 || NULL, CONCAT('a', 'b', 'c'), CONCAT_WS('-', 'a', 'b'), REPEAT('ab', 2), REVERSE('abc'), INITCAP('the wheel turns');
--
NULL | abc | a-b | abab | cba | The Wheel Turns

## splitting
page: sql-reference/functions/split_part
SELECT SPLIT_PART('a-b-c', '-', 2), SPLIT_PART('a-b-c', '-', -1), SPLIT('a,b', ','), STRTOK('a.b c', '. ', 3);
--
b | c | [ "a", "b" ] | c

## regular expressions
page: sql-reference/functions-regexp
SELECT REGEXP_LIKE('abc', 'a.c'), 'abc' RLIKE 'b', REGEXP_REPLACE('a1b22', '[0-9]+', '#'), REGEXP_SUBSTR('x=1, y=23', '[0-9]+', 1, 2), REGEXP_COUNT('banana', 'an'), REGEXP_INSTR('banana', 'an', 1, 2);
--
true | false | a#b# | 23 | 2 | 4

## groups of regular expressions
page: sql-reference/functions-regexp
SELECT REGEXP_SUBSTR('key=value', '(\\w+)=(\\w+)', 1, 1, 'e', 2);
--
value

## LISTAGG
page: sql-reference/functions/listagg
SELECT LISTAGG(x, ', ') WITHIN GROUP (ORDER BY x DESC) FROM VALUES ('a'), ('c'), (NULL), ('b') AS t(x);
--
c, b, a

## a cast cuts, a column does not
page: sql-reference/data-types-text
CREATE TABLE t (a VARCHAR(3));
SELECT 'abcdef'::VARCHAR(3);
--
abc
types: VARCHAR(3)

## too long a text
page: sql-reference/data-types-text
CREATE TABLE t (a VARCHAR(3));
INSERT INTO t VALUES ('abcdef');
--
error: 100078 String 'abcdef' is too long and would be truncated

## hashes and codings
page: sql-reference/functions-string
SELECT MD5('a'), HEX_ENCODE('a'), BASE64_ENCODE('a'), TO_VARCHAR(TO_BINARY('6869'), 'UTF-8');
--
0cc175b9c0f1b6a831c399e269772661 | 61 | YQ== | hi

## numbers as pictures say
page: sql-reference/sql-format-models
SELECT TO_VARCHAR(1234.5, '9,999.00'), TO_CHAR(12, '000'), TO_CHAR(0.5, 'FM99.9'), 1.50::VARCHAR;
--
1,234.50 | 012 | .5 | 1.50

## the place of a group
page: sql-reference/functions/regexp_instr
SELECT REGEXP_INSTR('key=value', '(\\w+)=(\\w+)', 1, 1, 0, 'e', 2), REGEXP_INSTR('key=value', '(\\w+)=(\\w+)', 1, 1, 1, 'e', 1);
--
5 | 4

## replacing from a place on, or one of several
page: sql-reference/functions/regexp_replace
SELECT REGEXP_REPLACE('a1b2c3', '[0-9]', '#', 3), REGEXP_REPLACE('a1b2c3', '([a-z])([0-9])', '\\2\\1', 1, 2);
--
a1b#c# | a12bc3

## codings that are tried
page: sql-reference/functions/try_base64_decode_string
SELECT TRY_BASE64_DECODE_STRING('aGk='), TRY_BASE64_DECODE_STRING('a!'), TRY_HEX_DECODE_STRING('zz'), HEX_ENCODE('hi', 0), MD5_NUMBER_LOWER64('a') > 0;
--
hi | NULL | NULL | 6869 | true

## words that sound alike
page: sql-reference/functions/soundex
SELECT SOUNDEX('Robert'), SOUNDEX('Rupert'), SOUNDEX('Pfister'), SOUNDEX_P123('Pfister'), SOUNDEX('');
--
R163 | R163 | P236 | P123 | 

## the parts of a URL
page: sql-reference/functions/parse_url
SELECT PARSE_URL('HTTP://example.org:81/a?b=c'):host::VARCHAR, PARSE_URL('HTTP://example.org:81/a?b=c'):parameters.b::VARCHAR, PARSE_URL('no', 1):error IS NOT NULL;
--
example.org | c | true

## a dot and a new line, and the parameters of patterns
page: sql-reference/functions-regexp
SELECT REGEXP_LIKE('a\nb', 'a.b'), REGEXP_LIKE('a\nb', 'a.b', 's'), 'a\nb' RLIKE 'a.b', REGEXP_REPLACE('a\nB', '^b', 'x', 1, 0, 'im') = 'a\nx';
--
false | true | false | true

## more digits than a picture has room for, and signs
page: sql-reference/sql-format-models
SELECT TO_CHAR(12345, '999'), TO_CHAR(-123, '999MI'), TO_CHAR(12.3, '99.0S'), TO_CHAR(3987.1, '$99.0'), TO_CHAR(64, 'XXXX');
--
### | 123- | 12.3+ | $##.# | 40

## parts between nothing
page: sql-reference/functions/split_part
SELECT SPLIT_PART('abc', '', 1), SPLIT_PART('abc', '', 2) = '', SPLIT('abc', '');
--
abc | true | [ "abc" ]
