## events by change
page: sql-reference/functions/conditional_change_event
SELECT at, CONDITIONAL_CHANGE_EVENT(state) OVER (ORDER BY at) FROM VALUES (1, 'on'), (2, 'on'), (3, 'off'), (4, 'on') AS t(at, state) WHERE at > 0 ORDER BY at;
--
1 | 0
2 | 0
3 | 1
4 | 2

## the n-th value from the end
page: sql-reference/functions/nth_value
SELECT x, NTH_VALUE(x, 2) FROM LAST OVER (ORDER BY x), NTH_VALUE(x, 1) FROM FIRST OVER (ORDER BY x) FROM VALUES (1), (2), (3) AS t(x) ORDER BY x;
--
1 | 2 | 1
2 | 2 | 1
3 | 2 | 1

## gaps filled from before and after
page: sql-reference/functions/interpolate_bfill
SELECT x, INTERPOLATE_FFILL(y) OVER (ORDER BY x), INTERPOLATE_BFILL(y) OVER (ORDER BY x) FROM VALUES (1, 10), (2, NULL), (3, 30) AS t(x, y) ORDER BY x;
--
1 | 10 | 10
2 | 10 | 30
3 | 30 | 30

## an average over a window is cut after three digits
page: sql-reference/functions/avg
SELECT AVG(x) OVER (ORDER BY x ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM VALUES (1), (2), (5) AS t(x) ORDER BY x;
--
1.000
1.500
2.666
