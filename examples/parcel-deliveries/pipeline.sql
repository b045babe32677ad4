-- Parcels are scanned on their way. A stream notices new scans, a procedure takes them into a table of
-- parcels, a graph of tasks does that whenever there is something new, and a finalizer writes what it saw.

CREATE OR REPLACE SCHEMA deliveries;
USE SCHEMA deliveries;

CREATE OR REPLACE TABLE scans (parcel INTEGER, place VARCHAR, scanned_at TIMESTAMP_NTZ, details VARIANT);
CREATE OR REPLACE TABLE parcels (parcel INTEGER, last_place VARCHAR, last_seen TIMESTAMP_NTZ, scans INTEGER);
CREATE OR REPLACE TABLE journal (entry VARCHAR, written_at TIMESTAMP_LTZ DEFAULT CURRENT_TIMESTAMP());

CREATE OR REPLACE STREAM new_scans ON TABLE scans APPEND_ONLY = TRUE;

CREATE OR REPLACE FUNCTION weight_class(grams NUMBER)
  RETURNS VARCHAR
  AS $$ CASE WHEN grams < 1000 THEN 'light' WHEN grams < 10000 THEN 'medium' ELSE 'heavy' END $$;

CREATE OR REPLACE PROCEDURE take_in_scans(least INTEGER DEFAULT 1)
  RETURNS INTEGER
  LANGUAGE SQL
  EXECUTE AS CALLER
AS
$$
DECLARE
  waiting INTEGER;
  too_few EXCEPTION (-20001, 'Fewer new scans than asked for.');
BEGIN
  waiting := (SELECT COUNT(*) FROM new_scans);
  IF (waiting < :least) THEN
    RAISE too_few;
  END IF;
  MERGE INTO parcels p
    USING (
      SELECT parcel, MAX_BY(place, scanned_at) AS place, MAX(scanned_at) AS seen, COUNT(*) AS scans
      FROM new_scans
      GROUP BY parcel
    ) s ON p.parcel = s.parcel
    WHEN MATCHED THEN UPDATE SET
      last_place = s.place, last_seen = s.seen, scans = p.scans + s.scans
    WHEN NOT MATCHED THEN INSERT (parcel, last_place, last_seen, scans)
      VALUES (s.parcel, s.place, s.seen, s.scans);
  RETURN waiting;
EXCEPTION
  WHEN too_few THEN
    RETURN 0;
END;
$$;

CREATE OR REPLACE TASK take_in
  WAREHOUSE = COMPUTE_WH
  SCHEDULE = '1 MINUTE'
  CONFIG = '{"least": 1}'
  WHEN SYSTEM$STREAM_HAS_DATA('new_scans')
AS
EXECUTE IMMEDIATE
$$
DECLARE
  taken INTEGER;
BEGIN
  LET least INTEGER := (SELECT PARSE_JSON(SYSTEM$GET_TASK_GRAPH_CONFIG()):least::INTEGER);
  CALL take_in_scans(:least) INTO :taken;
  LET note VARCHAR := taken || ' scans taken in';
  CALL SYSTEM$SET_RETURN_VALUE(:note);
END;
$$;

CREATE OR REPLACE TASK note_lost_parcels
  WAREHOUSE = COMPUTE_WH
  AFTER take_in
AS
  INSERT INTO journal (entry)
  SELECT 'not seen for a week: ' || LISTAGG(parcel, ', ') WITHIN GROUP (ORDER BY parcel)
  FROM parcels
  WHERE last_seen < DATEADD(day, -7, (SELECT MAX(last_seen) FROM parcels))
  HAVING COUNT(*) > 0;

CREATE OR REPLACE TASK write_journal
  WAREHOUSE = COMPUTE_WH
  FINALIZE = take_in
AS
  INSERT INTO journal (entry)
  SELECT name || ': ' || state || COALESCE(', ' || return_value, '')
  FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(
    TASK_NAME => 'TAKE_IN', SCHEDULED_TIME_RANGE_START => DATEADD('hour', -1, CURRENT_TIMESTAMP())))
  WHERE graph_run_group_id = SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_GRAPH_RUN_GROUP_ID');

INSERT INTO scans
  SELECT column1, column2, column3, PARSE_JSON(column4)
  FROM VALUES
    (1, 'Hamburg', '2026-03-01 08:00:00', '{"grams": 800}'),
    (2, 'Bremen',  '2026-03-01 09:30:00', '{"grams": 12500}'),
    (1, 'Hannover', '2026-03-01 15:00:00', '{"grams": 800}'),
    (3, 'Kiel',    '2026-03-12 07:45:00', '{"grams": 4000}');

SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('take_in');
EXECUTE TASK take_in;
