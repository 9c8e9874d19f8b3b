-- Dates and times: ISO 8601 or Unix time, and UTC where there is no zone.
SET datestyle = 'ISO, MDY';
SET timezone = 'America/New_York';
SELECT document, value FROM compare('date', ARRAY[
  '"2026-06-12"',
  '"2026-06-12T23:30:00-05:00"',
  '"20260612"',
  '"12.06.2026"',
  '"06/12/2026"',
  '"now"',
  '"today"',
  '"infinity"',
  '"2026-02-30"',
  '1781222400',
  '1781222400000',
  '0',
  '-1',
  '1989',
  '20260612',
  '99999999.9',
  '100000000',
  '-99999999',
  '-100000000',
  '""',
  '"1781222400"']);
SELECT document, value FROM compare('time', ARRAY[
  '"12:30"',
  '"12:30:15.25"',
  '"12:30:15Z"',
  '"2026-06-12T12:30:15"',
  '"allballs"',
  '"25:00"',
  '1781266983',
  '45000']);
SELECT document, value FROM compare('timetz', ARRAY[
  '"12:30+02"',
  '"12:30"',
  '1']);
SELECT document, value FROM compare('timestamp', ARRAY[
  '"2026-06-12T12:23:03.945900+00:00"',
  '"2026-06-12T12:23:03+02:00"',
  '"2026-06-12 12:23"',
  '"2026-06-12"',
  '1781266983.9459',
  '1781266983945',
  '2026',
  '1e8',
  '99999999',
  '"yesterday"']);
SELECT document, value FROM compare('timestamptz', ARRAY[
  '"2026-06-12T12:23:03.945900+00:00"',
  '"2026-06-12T12:23:03Z"',
  '"2026-06-12T12:23:03z"',
  '"2026-06-12t12:23:03Z"',
  '"2026-06-12T12:23:03"',
  '"2026-06-12T12:23:03.2254312Z"',
  '"2026-06-12T12:23:03.123456789Z"',
  '"2026-06-12T12:23:03,5Z"',
  '"2026-06-12T12:23+0530"',
  '"2026-06-12T12:23-05"',
  '"2026-06-12"',
  '"20260612T122303Z"',
  '"2026-06-12 12:23:03 UTC"',
  '"2026-06-12T12:23:03 America/New_York"',
  '"Fri, 12 Jun 2026 12:23:03 GMT"',
  '"now"',
  '"epoch"',
  '"infinity"',
  '"-infinity"',
  '"2026-13-01"',
  '"2026-06-12T24:00:00Z"',
  '"0001-01-01T00:00:00Z"',
  '1781266983',
  '1781266983.9459',
  '1781266983945',
  '99999999999',
  '100000000000',
  '-100000000000',
  '1e9',
  '1989',
  '4000',
  '0.5',
  '0',
  '99999999',
  '100000000',
  '1e30',
  '9223372036854774',
  '-9223372036854774',
  '-9223372036854775',
  'true',
  'null',
  '{"t":1}',
  '""']);
SELECT document, value FROM compare('timestamptz(0)', ARRAY[
  '"2026-06-12T12:23:03.945900+00:00"',
  '1781266983.9459']);
SELECT document, value FROM compare('timestamptz[]', ARRAY[
  '["2026-06-12T12:23:03", 1000000000]',
  '["2026-06-12T12:23:03", 0]',
  '["now"]']);

-- a number that is no time says what it is taken for
CREATE FOREIGN TABLE founded (founded date) SERVER files OPTIONS (resource 'results',
  url 'http://127.0.0.1:9471/echo/7b22666f756e646564223a313938397d');
SELECT * FROM founded;
ALTER FOREIGN TABLE founded OPTIONS (ADD on_error 'null');
SELECT * FROM founded;
DROP FOREIGN TABLE founded;
