## adding to dates keeps the type where days are added
page: sql-reference/functions/dateadd
SELECT DATEADD(day, 1, '2024-02-28'::DATE), DATEADD(month, 1, '2024-01-31'::DATE), DATEADD(hour, 1, '2024-01-31'::DATE);
--
2024-02-29 | 2024-02-29 | 2024-01-31 01:00:00
types: DATE, DATE, TIMESTAMP_NTZ(9)

## differences count boundaries
page: sql-reference/functions/datediff
SELECT DATEDIFF(year, '2023-12-31'::DATE, '2024-01-01'::DATE), DATEDIFF('hour', '2024-01-01 00:59:00'::TIMESTAMP, '2024-01-01 01:00:00'::TIMESTAMP), '2024-03-01'::DATE - '2024-02-01'::DATE;
--
1 | 1 | 29

## truncation
page: sql-reference/functions/date_trunc
SELECT DATE_TRUNC('month', '2024-05-17'::DATE), DATE_TRUNC('hour', '2024-05-17 10:11:12'::TIMESTAMP_NTZ), DATE_TRUNC(week, '2024-05-17'::DATE);
--
2024-05-01 | 2024-05-17 10:00:00 | 2024-05-13

## parts
page: sql-reference/functions/date_part
SELECT YEAR(d), MONTH(d), DAY(d), DAYOFWEEK(d), DAYOFYEAR(d), QUARTER(d), EXTRACT(year FROM d), DATE_PART('week', d), DAYNAME(d), MONTHNAME(d) FROM (SELECT '2024-05-17'::DATE d);
--
2024 | 5 | 17 | 5 | 138 | 2 | 2024 | 20 | Fri | May

## formats
page: sql-reference/date-time-input-output
SELECT TO_CHAR('2024-05-07 13:04:05.678'::TIMESTAMP_NTZ, 'YYYY/MM/DD HH24:MI:SS.FF3'), TO_CHAR('2024-05-07'::DATE, 'DD-MON-YY'), TO_DATE('07.05.2024', 'DD.MM.YYYY'), TO_TIMESTAMP('05/07/2024 01:04 PM', 'MM/DD/YYYY HH12:MI AM');
--
2024/05/07 13:04:05.678 | 07-May-24 | 2024-05-07 | 2024-05-07 13:04:00

## timestamps as text
page: sql-reference/date-time-input-output
SELECT '2024-05-07 13:04:05.6'::TIMESTAMP_NTZ::VARCHAR, '2024-05-07'::DATE::VARCHAR, '13:04:05'::TIME::VARCHAR;
--
2024-05-07 13:04:05.600 | 2024-05-07 | 13:04:05

## the session's zone gives instants their wall clock
page: sql-reference/data-types-datetime
SELECT '2024-07-01 12:00:00'::TIMESTAMP_LTZ, CONVERT_TIMEZONE('UTC', '2024-07-01 12:00:00'::TIMESTAMP_LTZ), CONVERT_TIMEZONE('America/New_York', 'Europe/Paris', '2024-07-01 12:00:00'::TIMESTAMP_NTZ), '2024-07-01 12:00:00'::TIMESTAMP_LTZ::VARCHAR;
--
2024-07-01 19:00:00+00:00 | 2024-07-01 19:00:00+00:00 | 2024-07-01 18:00:00 | 2024-07-01 12:00:00.000 -0700
types: TIMESTAMP_LTZ(9), TIMESTAMP_TZ(9), TIMESTAMP_NTZ(9), VARCHAR(16777216)

## a zoned text keeps its offset
page: sql-reference/data-types-datetime
SELECT '2024-07-01 12:00:00 +02:00'::TIMESTAMP_TZ, '2024-07-01 12:00:00 +0200'::TIMESTAMP_NTZ;
--
2024-07-01 12:00:00+02:00 | 2024-07-01 12:00:00

## the present is that of the statement
page: sql-reference/functions/current_timestamp
SELECT CURRENT_TIMESTAMP, CURRENT_DATE(), SYSDATE();
--
2026-03-14 15:09:26+00:00 | 2026-03-14 | 2026-03-14 15:09:26

## epochs, in the unit that their size says
page: sql-reference/functions/to_timestamp
SELECT TO_TIMESTAMP(1700000000), TO_TIMESTAMP('1700000000123'), DATE_PART(epoch_second, '2023-11-14 22:13:20'::TIMESTAMP_NTZ);
--
2023-11-14 22:13:20 | 2023-11-14 22:13:20.123000 | 1700000000

## intervals
page: sql-reference/data-types-datetime
SELECT '2024-01-31'::DATE + INTERVAL '1 month', '2024-01-01 00:00:00'::TIMESTAMP_NTZ - INTERVAL '1 day, 2 hours';
--
2024-02-29 | 2023-12-30 22:00:00

## the last day, the next day
page: sql-reference/functions/last_day
SELECT LAST_DAY('2024-02-10'::DATE), NEXT_DAY('2024-05-17'::DATE, 'mo'), PREVIOUS_DAY('2024-05-17'::DATE, 'fr'), ADD_MONTHS('2024-02-29'::DATE, 1), MONTHS_BETWEEN('2024-03-31'::DATE, '2024-02-29'::DATE);
--
2024-02-29 | 2024-05-20 | 2024-05-10 | 2024-03-31 | 1.000000

## a date made of parts
page: sql-reference/functions/date_from_parts
SELECT DATE_FROM_PARTS(2024, 2, 30), TIMESTAMP_FROM_PARTS(2024, 1, 2, 3, 4, 5), TIME_FROM_PARTS(1, 2, 3), TIME_SLICE('2024-05-17 10:11:12'::TIMESTAMP_NTZ, 15, 'minute');
--
2024-03-01 | 2024-01-02 03:04:05 | 01:02:03 | 2024-05-17 10:00:00

## a date that is none
page: sql-reference/functions/to_date
SELECT '2024-02-30'::DATE;
--
error: 100040 Date '2024-02-30' is not recognized

## a timestamp that is none
page: sql-reference/functions/to_date
SELECT 'yesterday'::TIMESTAMP;
--
error: 100035 Timestamp 'yesterday' is not recognized

## weeks begin on Monday, and their beginnings are counted
page: sql-reference/functions-date-time
SELECT DATEDIFF(week, '2024-01-07'::DATE, '2024-01-08'::DATE), DATEDIFF(week, '2024-01-06'::DATE, '2024-01-15'::DATE), DATEDIFF(week, '2024-01-15'::DATE, '2024-01-06'::DATE);
--
1 | 2 | -2

## a cast cuts a second's digits to those declared, and the result says how many
page: sql-reference/data-types-datetime
SELECT '2024-01-02 03:04:05.987654'::TIMESTAMP_NTZ(3), '2024-01-02 03:04:05.987'::TIMESTAMP(0),
  '03:04:05.98'::TIME(0), '03:04:05.987654'::TIME(4), '2024-01-02 03:04:05.987654'::DATETIME(9);
--
2024-01-02 03:04:05.987000 | 2024-01-02 03:04:05 | 03:04:05 | 03:04:05.987600 | 2024-01-02 03:04:05.987654
types: TIMESTAMP_NTZ(3), TIMESTAMP_NTZ(0), TIME(0), TIME(4), TIMESTAMP_NTZ(9)

## digits are cut, not rounded, before 1970 too, and at the ends of time
page: sql-reference/data-types-datetime
SELECT '1969-12-31 23:59:59.999999'::TIMESTAMP_NTZ(0), '9999-12-31 23:59:59.999999'::TIMESTAMP_NTZ(1),
  '0001-01-01 00:00:00.999'::TIMESTAMP_NTZ(2), '23:59:59.999999'::TIME(0);
--
1969-12-31 23:59:59 | 9999-12-31 23:59:59.900000 | 0001-01-01 00:00:00.990000 | 23:59:59

## digits beyond the sixth are cut
page: sql-reference/data-types-datetime
SELECT '2024-01-02 03:04:05.9999999'::TIMESTAMP_NTZ, '03:04:05.9999999'::TIME;
--
2024-01-02 03:04:05.999999 | 03:04:05.999999

## zoned timestamps are cut too, and NULL stays NULL
page: sql-reference/data-types-datetime
SELECT '2024-01-02 03:04:05.987 +0100'::TIMESTAMP_TZ(1), NULL::TIMESTAMP_TZ(1) IS NULL,
  TRY_CAST('x' AS TIMESTAMP_TZ(0)) IS NULL, '2024-01-02 03:04:05.987 +0000'::TIMESTAMP_LTZ(0);
--
2024-01-02 03:04:05.900000+01:00 | true | true | 2024-01-02 03:04:05+00:00
types: TIMESTAMP_TZ(1), BOOLEAN, BOOLEAN, TIMESTAMP_LTZ(0)

## a column cuts what goes into it, whichever way
page: sql-reference/functions-date-time
CREATE TABLE t (a TIMESTAMP_NTZ(0), b TIME(3), c TIMESTAMP_LTZ(2));
INSERT INTO t VALUES ('2024-01-02 03:04:05.9', '03:04:05.9876', '2024-01-02 03:04:05.987 +0000');
INSERT INTO t SELECT '2024-01-02 03:04:05.9'::TIMESTAMP_NTZ, '03:04:05.9876'::TIME, NULL;
UPDATE t SET a = '2025-01-02 03:04:05.9'::TIMESTAMP_NTZ WHERE c IS NULL;
SELECT * FROM t ORDER BY a;
--
2024-01-02 03:04:05 | 03:04:05.987000 | 2024-01-02 03:04:05.980000+00:00
2025-01-02 03:04:05 | 03:04:05.987000 | NULL
types: TIMESTAMP_NTZ(0), TIME(3), TIMESTAMP_LTZ(2)

## a table made of a query keeps the declared digits, and a union takes the most
page: sql-reference/data-types-datetime
CREATE TABLE t AS SELECT '2024-01-02'::TIMESTAMP_NTZ(3) a;
SELECT a FROM t UNION ALL SELECT '2024-01-02 00:00:00.1234'::TIMESTAMP_NTZ(4);
--
2024-01-02 00:00:00
2024-01-02 00:00:00.123400
types: TIMESTAMP_NTZ(4)

## a second has at most nine digits
page: sql-reference/data-types-datetime
SELECT '03:04:05'::TIME(10);
--
error: 002263 invalid precision 10 for TIME

## a sum has all its digits, whatever the first value declares
page: sql-reference/data-types-datetime
SELECT DATEADD(MILLISECOND, 5, '2024-01-02'::TIMESTAMP_NTZ(0)), '03:04:05'::TIME(0) + INTERVAL '5 milliseconds';
--
2024-01-02 00:00:00.005000 | 03:04:05.005000
types: TIMESTAMP_NTZ(9), TIME(9)

## the parts of an interval are added in the order they are written in
page: sql-reference/data-types-datetime
SELECT DATE '2023-02-28' + INTERVAL '1 day, 1 year', DATE '2023-02-28' + INTERVAL '1 year, 1 day',
  DATE '2024-03-30' - INTERVAL '1 month, 1 day';
--
2024-03-01 | 2024-02-29 | 2024-02-28

## the units of intervals go by many names
page: sql-reference/data-types-datetime
SELECT TIMESTAMP '2024-01-01' + INTERVAL '5 ms, 3 us', TIMESTAMP '2024-01-01' + INTERVAL '2 hrs, 3 s, 2000 nsec', TIME '00:00:00' + INTERVAL '1 mi';
--
2024-01-01 00:00:00.005003 | 2024-01-01 02:00:03.000002 | 00:01:00

## a time of day has no days
page: sql-reference/functions/dateadd
SELECT DATEADD(day, 1, '10:00:00'::TIME);
--
error: 001044 Invalid argument types for function 'DATEADD'

## slices of weeks, hours and months
page: sql-reference/functions/time_slice
SELECT TIME_SLICE('2024-05-15'::DATE, 1, 'WEEK'), TIME_SLICE('2024-05-15 10:11:12'::TIMESTAMP_NTZ, 6, 'HOUR', 'END'), TIME_SLICE('2024-05-15'::DATE, 5, 'MONTH');
--
2024-05-13 | 2024-05-15 12:00:00 | 2024-03-01

## a slice needs a length
page: sql-reference/functions/time_slice
SELECT TIME_SLICE('2024-05-15'::DATE, 0, 'DAY');
--
error: 001015 positive

## zones go by their full names
page: sql-reference/functions/convert_timezone
SELECT CONVERT_TIMEZONE('PST', 'UTC', '2024-05-15 10:00:00'::TIMESTAMP_NTZ);
--
error: 001015 Unknown timezone: 'PST'

## an offset in a text is not lost on the way to another zone
page: sql-reference/functions/convert_timezone
SELECT CONVERT_TIMEZONE('Asia/Tokyo', '2024-05-15 10:00:00 +02:00'), CONVERT_TIMEZONE('UTC', '2024-05-15 10:00:00');
--
2024-05-15 17:00:00+09:00 | 2024-05-15 17:00:00+00:00

## the digits of the present
page: sql-reference/functions/current_timestamp
SELECT CURRENT_TIMESTAMP(2), CURRENT_TIME(0), LOCALTIMESTAMP(3) LIMIT 0;
--
types: TIMESTAMP_LTZ(2), TIME(0), TIMESTAMP_LTZ(3)

## timestamps put together under their short names
page: sql-reference/functions/timestamp_from_parts
SELECT TIMESTAMPLTZFROMPARTS(2024, 5, 15, 10, 0, 0), TIMESTAMPTZFROMPARTS(2024, 5, 15, 10, 0, 0);
--
2024-05-15 17:00:00+00:00 | 2024-05-15 10:00:00-07:00

## a day that is none
page: sql-reference/functions/next_day
SELECT NEXT_DAY('2024-05-15'::DATE, 'xx');
--
error: 100071 'xx'

## texts that are read without a format
page: sql-reference/date-time-input-output
SELECT TO_TIMESTAMP('Wed May 15 10:11:12 +0200 2024'), TO_TIMESTAMP_TZ('Wed May 15 10:11:12 +0200 2024'), TO_TIMESTAMP('Wed, 15 May 2024 01:02:03.5 PM'), TO_DATE('15-May-2024'), TO_TIME('31536001'), TRY_TO_DATE('2024/05/15'), TRY_TO_DATE('epoch');
--
2024-05-15 10:11:12 | 2024-05-15 10:11:12+02:00 | 2024-05-15 13:02:03.500000 | 2024-05-15 | 00:00:01 | NULL | NULL

## offsets where a format has them
page: sql-reference/functions/to_timestamp
SELECT TO_TIMESTAMP_TZ('2024-05-15 10:00:00 -04', 'YYYY-MM-DD HH24:MI:SS TZH'), TO_TIMESTAMP_TZ('May 15 10:00:00 +0230 2024', 'MON DD HH24:MI:SS TZHTZM YYYY'), TO_CHAR('2024-05-15 10:00 +0530'::TIMESTAMP_TZ, 'TZH|TZM');
--
2024-05-15 10:00:00-04:00 | 2024-05-15 10:00:00+02:30 | +05|30

## a number counts seconds, the unit of a text goes by its size
page: sql-reference/functions/to_timestamp
SELECT TO_TIMESTAMP(1700000000.25), TO_TIMESTAMP(40000000000), TO_TIMESTAMP('40000000000'), TO_TIMESTAMP(40000000000, 3), 1700000000::TIMESTAMP;
--
2023-11-14 22:13:20.250000 | 3237-07-19 23:06:40 | 1971-04-08 23:06:40 | 1971-04-08 23:06:40 | 2023-11-14 22:13:20

## a number is no date
page: sql-reference/data-type-conversion
SELECT 20240515::DATE;
--
error: 001007 DATE

## the end of time, with fractions too
page: sql-reference/data-types-datetime
SELECT x::TIMESTAMP, x::DATE, TO_TIMESTAMP(y, 'YYYY-MM-DD HH24:MI:SS.FF'), TO_TIMESTAMP('9999-12-31 23:59:59.999999999', 'YYYY-MM-DD HH24:MI:SS.FF9'), TO_TIMESTAMP('31000000000') FROM (SELECT '9999-12-31' x, '9999-12-31 10:00:00.5' y);
--
9999-12-31 00:00:00 | 9999-12-31 | 9999-12-31 10:00:00.500000 | 9999-12-31 23:59:59.999999 | 2952-05-08 07:06:40

## what stands behind a timestamp is not passed over
page: sql-reference/date-time-input-output
SELECT TRY_TO_TIMESTAMP('2024-05-15 10:00:00 Europe/Paris'), TRY_TO_TIMESTAMP('2024-05-15 10:00:00 x');
--
NULL | NULL
