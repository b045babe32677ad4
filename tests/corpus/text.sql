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
1,234.50 | 012 | 0.5 | 1.50

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

## binaries are cut, filled up, turned and joined by bytes
page: sql-reference/functions/left
SELECT LEFT(x'0a0b0c', 2), RIGHT(x'0a0b0c', 1), SUBSTR(x'0a0b0c', -2, 1), LPAD(x'0a', 3, x'ff'), REVERSE(x'0a0b0c'), CONCAT(x'0a', x'0b'), CONCAT_WS(x'2c', x'0a', x'0b'), LENGTH(x'0a0b'), BIT_LENGTH(x'0a0b'), OCTET_LENGTH(x'0a0b');
--
b'\n\x0b' | b'\x0c' | b'\x0b' | b'\xff\xff\n' | b'\x0c\x0b\n' | b'\n\x0b' | b'\n,\x0b' | 2 | 16 | 2
types: BINARY(8388608), BINARY(8388608), BINARY(8388608), BINARY(8388608), BINARY(8388608), BINARY(8388608), BINARY(8388608), NUMBER(18,0), NUMBER(18,0), NUMBER(18,0)

## in a binary whole bytes are found
page: sql-reference/functions/position
SELECT POSITION(x'cd', x'abcdcd'), POSITION(x'bc', x'abcd'), CHARINDEX(x'cd', x'abcdcd', 3), CONTAINS(x'abcd', x'bc'), CONTAINS(x'abcd', x'cd'), POSITION(x'ab', NULL::BINARY);
--
2 | 0 | 3 | false | true | NULL

## beyond the end nothing is found
page: sql-reference/functions/charindex
SELECT CHARINDEX('', 'abc', 9), CHARINDEX('c', 'abc', 9), CHARINDEX('', 'abc'), CHARINDEX('', '');
--
0 | 0 | 1 | 1

## words begin behind white space and some marks
page: sql-reference/functions/initcap
SELECT INITCAP('o''neill_von=der x1y-a`b'), INITCAP('ONE☃two three', '☃'), INITCAP('axbxc', 'x'), INITCAP('x', NULL), INITCAP('twO wORDS', '');
--
O'neill_Von=der X1y-A`b | One☃Two three | AxBxC | NULL | Two words

## similarity does not look at case, and rounds down
page: sql-reference/functions/jarowinkler_similarity
SELECT JAROWINKLER_SIMILARITY('MARTHA', 'marhta'), JAROWINKLER_SIMILARITY('żuraw', 'zuraw'), JAROWINKLER_SIMILARITY('', ''), JAROWINKLER_SIMILARITY('a', NULL);
--
96 | 86 | 0 | NULL

## distances count letters, up to a limit
page: sql-reference/functions/editdistance
SELECT EDITDISTANCE('żółw', 'zolw'), EDITDISTANCE('winter', 'spring', 3), EDITDISTANCE('winter', 'spring', -1);
--
3 | 3 | 0

## a code that is no character
page: sql-reference/functions/chr
SELECT CHR(-7);
--
error: 100071 Invalid character code -7 in the CHR input

## the code of nothing
page: sql-reference/functions/unicode
SELECT UNICODE(''), ASCII(''), UNICODE('☃'), CHR(9731);
--
0 | 0 | 9731 | ☃

## tokens are counted from 1
page: sql-reference/functions/strtok
SELECT STRTOK('a,b', ',', -1), STRTOK('a,b', ',', 0), STRTOK('a,b', NULL), STRTOK('a,b', ',', 2), STRTOK_TO_ARRAY('a', NULL);
--
NULL | NULL | NULL | b | NULL

## the uuid of a name
page: sql-reference/functions/uuid_string
SELECT UUID_STRING('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'clockmill.example');
--
66ef454e-d54f-5aa9-bb01-44a7521f56a3

## without a group in the pattern all of the match is taken
page: sql-reference/functions/regexp_substr
SELECT REGEXP_SUBSTR('rain and snow', 's\\w+', 1, 1, 'e'), REGEXP_SUBSTR('rain and snow', 's(\\w)', 1, 1, 'e'), REGEXP_INSTR('rain and snow', 's\\w+', 1, 1, 0, 'e'), REGEXP_SUBSTR_ALL('a(b(', '[(]', 1, 1, 'e')::VARCHAR;
--
snow | n | 10 | ["(","("]

## matches are looked for from a place on
page: sql-reference/functions/regexp_substr
SELECT REGEXP_SUBSTR('rain', 'a', 0);
--
error: 001015 Position must be positive

## what is no regular expression
page: sql-reference/functions/regexp_like
SELECT REGEXP_LIKE('rain', '[');
--
error: 100048 Invalid regular expression

## digests of other sizes
page: sql-reference/functions/sha2
SELECT SHA2('clockmill', 224), LENGTH(SHA2('clockmill', 384)), LENGTH(SHA2_BINARY('clockmill', 512)), SHA2('clockmill', 0) = SHA2_HEX('clockmill');
--
eec770162774bfb6cc42a7b1a96de515c0b411067ad13b1ce2e62c99 | 96 | 64 | true

## base64 in lines and with other marks
page: sql-reference/functions/base64_encode
SELECT REPLACE(BASE64_ENCODE('clockmill', 6), '\n', '|'), BASE64_ENCODE(x'fbff', 0, '-_.'), BASE64_DECODE_BINARY('-_8.', '-_.'), TRY_BASE64_DECODE_STRING('-_8', '-_');
--
Y2xvY2|ttaWxs | -_8. | b'\xfb\xff' | NULL

## lengths that are not known
page: sql-reference/functions/left
SELECT LEFT('rain', NULL), RIGHT('rain', NULL), SUBSTR('rain', 1, NULL), LPAD('rain', NULL, 'x'), REPEAT('rain', NULL), EDITDISTANCE('rain', 'snow', NULL), CONTAINS('rain', NULL), LEFT('rain', -1) = '';
--
NULL | NULL | NULL | NULL | NULL | NULL | NULL | true

## digests of nothing
page: sql-reference/functions/sha2
SELECT SHA2(NULL, 512), SHA2_BINARY(NULL, 384), MD5(NULL);
--
NULL | NULL | NULL
