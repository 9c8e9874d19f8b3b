-- Dates and times: ISO 8601 or Unix time, and UTC where there is no zone.
CREATE FUNCTION compare(type text, documents text[]) RETURNS TABLE (document text, value text) LANGUAGE plpgsql AS $$
BEGIN
  FOREACH document IN ARRAY documents LOOP
    EXECUTE format('CREATE FOREIGN TABLE v (v %s) SERVER files OPTIONS (resource ''results'', url %L)', type,
      'http://127.0.0.1:9471/echo/' || encode(convert_to('{"v":' || document || '}', 'UTF8'), 'hex'));
    value := outcome_of('SELECT v::text FROM v');
    DROP FOREIGN TABLE v;
    RETURN NEXT;
  END LOOP;
END $$;
SET datestyle = 'ISO, MDY';
SET timezone = 'America/New_York';
SELECT * FROM compare('date', ARRAY['"2026-06-12"', '"2026-06-12T23:30:00-05:00"', '"20260612"', '"12.06.2026"', '"06/12/2026"', '"now"', '"today"', '"infinity"', '"2026-02-30"', '1781222400', '1781222400000', '0', '-1', '""', '"1781222400"']);
SELECT * FROM compare('time', ARRAY['"12:30"', '"12:30:15.25"', '"12:30:15Z"', '"2026-06-12T12:30:15"', '"allballs"', '"25:00"']);
SELECT * FROM compare('timetz', ARRAY['"12:30+02"', '"12:30"', '1']);
SELECT * FROM compare('timestamp', ARRAY['"2026-06-12T12:23:03.945900+00:00"', '"2026-06-12T12:23:03+02:00"', '"2026-06-12 12:23"', '"2026-06-12"', '1781266983.9459', '1781266983945', '"yesterday"']);
SELECT * FROM compare('timestamptz', ARRAY['"2026-06-12T12:23:03.945900+00:00"', '"2026-06-12T12:23:03Z"', '"2026-06-12T12:23:03z"', '"2026-06-12t12:23:03Z"', '"2026-06-12T12:23:03"', '"2026-06-12T12:23:03.2254312Z"', '"2026-06-12T12:23:03.123456789Z"', '"2026-06-12T12:23:03,5Z"', '"2026-06-12T12:23+0530"', '"2026-06-12T12:23-05"', '"2026-06-12"', '"20260612T122303Z"', '"2026-06-12 12:23:03 UTC"', '"2026-06-12T12:23:03 America/New_York"', '"Fri, 12 Jun 2026 12:23:03 GMT"', '"now"', '"epoch"', '"infinity"', '"-infinity"', '"2026-13-01"', '"2026-06-12T24:00:00Z"', '"0001-01-01T00:00:00Z"', '1781266983', '1781266983.9459', '1781266983945', '99999999999', '100000000000', '-100000000000', '1e9', '1e30', '9223372036854774', '-9223372036854774', '-9223372036854775', 'true', 'null', '{"t":1}', '""']);
SELECT * FROM compare('timestamptz(0)', ARRAY['"2026-06-12T12:23:03.945900+00:00"', '1781266983.9459']);
SELECT * FROM compare('timestamptz[]', ARRAY['["2026-06-12T12:23:03", 0]', '["now"]']);
DROP FUNCTION compare;
