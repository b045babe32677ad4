## the way from the root to each row
page: sql-reference/constructs/connect-by
CREATE TABLE parts (id INT, parent INT, name VARCHAR);
INSERT INTO parts VALUES (1, NULL, 'clock'), (2, 1, 'train'), (3, 2, 'wheel'), (4, 1, 'hands');
SELECT id, LEVEL, SYS_CONNECT_BY_PATH(name, '/'), CONNECT_BY_ROOT name FROM parts START WITH parent IS NULL CONNECT BY parent = PRIOR id ORDER BY id;
--
1 | 1 | /clock | clock
2 | 2 | /clock/train | clock
3 | 3 | /clock/train/wheel | clock
4 | 2 | /clock/hands | clock

## without START WITH every row is a root
page: sql-reference/constructs/connect-by
CREATE TABLE parts (id INT, parent INT);
INSERT INTO parts VALUES (1, NULL), (2, 1);
SELECT id, LEVEL FROM parts CONNECT BY parent = PRIOR id ORDER BY id, LEVEL;
--
1 | 1
2 | 1
2 | 2

## rows made by LEVEL
page: sql-reference/constructs/connect-by
SELECT LEVEL FROM (SELECT 1) CONNECT BY LEVEL <= 3;
--
1
2
3
