-- Documents in which results are, or are named: all records of them, or an error.
CREATE FUNCTION rows_of(document text, options text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT string_agg(record, ' ' ORDER BY line) FROM read_file('/echo/' || encode(convert_to(document, 'UTF8'), 'hex'), options));
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
-- rows_path that names an array, one record, null, nothing
SELECT document, rows_of(document, '') AS whole, rows_of(document, $$, rows_path '$.rows'$$) AS rows, rows_of(document, $$, rows_path '$[1].rows'$$) AS second
  FROM (VALUES ('{"rows":[1,2]}'), ('{"rows":[]}'), ('{"rows":{"a":1}}'), ('{"rows":"x"}'), ('{"rows":0}'), ('{"rows":null}'), ('{}'), (' {  } '),
  ('{"row":[1]}'), ('{"data":{"rows":[1]}}'), ('null'), ('[]'), ('[1,2]'), ('[{"rows":[1]},{"rows":[2]}]'), ('[{"rows":[1]},{"rows":null}]'), ('"rows"')) AS d (document);
SELECT * FROM read_file('/echo/' || encode('{"row":[1]}', 'hex'), $$, rows_path '$.rows'$$);

CREATE SERVER odd FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'http://127.0.0.1:9470/odd',
  allow_private_hosts 'true', job_url '/jobs/{id}', urls_path '$.urls[*], $.url', inline_path '$.result');
CREATE FOREIGN TABLE results (id text OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'), record json OPTIONS (path '$'))
  SERVER odd OPTIONS (resource 'results');
CREATE FUNCTION results_of(script text, OUT rows text, OUT asked text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell(script);
  rows := outcome_of('SELECT string_agg(part || '':'' || record, '' '' ORDER BY part) FROM results WHERE id = ''a''');
  asked := (SELECT string_agg(substr(path, 6), ' ' ORDER BY n) FROM requests);
END $$;

-- the same inside of a job
ALTER SERVER odd OPTIONS (ADD rows_path '$.rows');
SELECT result, (results_of(format('{"jobs/a":{"status":"completed","result":%s}}', result))).rows
  FROM (VALUES ('{"rows":[1,2]}'), ('{"rows":null}'), ('{}'), ('{"row":[1]}'), ('[1,2]'), ('null')) AS r (result);

-- results that go on, and are not followed
ALTER SERVER odd OPTIONS (ADD result_more_path '$.more');
SELECT more, (results_of(format('{"jobs/a":{"status":"completed","url":"/odd/f"},"f":{"rows":[1,2],"more":%s}}', more))).rows AS file,
  (results_of(format('{"jobs/a":{"status":"completed","more":%s,"result":{"rows":[1,2]}}}', more))).rows AS inline
  FROM (VALUES ('true'), ('false'), ('null'), ('0'), ('""'), ('"c"'), ('3'), ('{}')) AS m (more);
SELECT * FROM results_of('{"jobs/a":{"status":"completed","url":"/odd/f"},"f":{"rows":[1,2],"@headers":{"Link":"<f?page=2>; rel=\"next\""}}}');
SELECT * FROM results WHERE id = 'a';
SELECT * FROM results_of('{"jobs/a":{"status":"completed","result":{"rows":[1]},"@headers":{"Link":"<a?page=2>; rel=\"next\""}}}');
SELECT * FROM results WHERE id = 'a';
SELECT * FROM results_of('{"jobs/a":{"status":"completed","url":"/odd/f","more":true,"@headers":{"Link":"<b>; rel=\"next\""}},"f":{"rows":[1,2]}}');
ALTER SERVER odd OPTIONS (SET rows_path '$');
SELECT * FROM results_of('{"jobs/a":{"status":"completed","url":"/odd/f"},"f":{"@text":"{\"more\":true}\n{\"more\":false}\n"}}');
SELECT * FROM results_of('{"jobs/a":{"status":"completed","url":"/odd/f"},"f":{"@text":"{\n\"more\":true\n}"}}');
ALTER SERVER odd OPTIONS (DROP rows_path, DROP result_more_path, ADD result_once 'true');
SELECT * FROM results_of('{"jobs/a":{"status":"completed","url":"/odd/f"},"f":{"@text":"1\n2\n","@headers":{"Link":"<f?page=2>; rel=\"next\""}}}');
SELECT * FROM results_of('{"jobs/a":{"status":"completed","url":"/odd/f"},"f":{"@text":"","@headers":{"Link":"<f?page=2>; rel=\"next\""}}}');
ALTER SERVER odd OPTIONS (DROP result_once);

-- a document that names the file is read as one, whatever its layout
ALTER SERVER odd OPTIONS (ADD hop_path '$.urls[0]');
CREATE FUNCTION hopped(document text, path text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER odd OPTIONS (SET hop_path %L)', path);
  RETURN (results_of(format('{"jobs/a":{"status":"completed","url":"/odd/hop"},"hop":%s,"f":[1,2],"g":[3]}', document))).rows;
END $$;
SELECT document, path, hopped(replace(document, '~', 'http://127.0.0.1:9470/odd/'), path) AS rows FROM (VALUES
  ('{"urls":["~f"]}', '$.urls[0]'), ('{"urls":["~f","~g"]}', '$.urls[0]'), ('{"urls":["~f","~f"]}', '$.urls[0]'), ('{"urls":["~f",null,""]}', '$.urls[0]'),
  ('[{"type":"meta"},{"urls":{"https":"~f","s3":"x"}}]', '$[1].urls.https'), ('[{"urls":{"https":"~f"}},{"urls":{"https":"~g"}}]', '$[1].urls.https'),
  ('["~f"]', '$[0]'), ('["~f","~g"]', '$[0]'), ('{"@text":"{\"url\": \"~f\"}\n{\"url\": \"~g\"}\n"}', '$.url'), ('"~f"', '$'),
  ('{"@text":"{\n\"url\":\n\"~f\"\n}"}', '$.url'), ('{"files":[{"url":"~f"},{"url":"~g"}]}', '$.files[0].url'), ('{"url":"~f"}', '$.uri'),
  ('{"url":["~f"]}', '$.url'), ('{"url":"f"}', '$.url'), ('{"url":"?x"}', '$.url')) AS h (document, path);
SELECT hopped('{"urls":["a","b","c"]}', '$.urls[0]');
SELECT * FROM results WHERE id = 'a';
-- so it is where the table names the document, of no job
CREATE FOREIGN TABLE direct (n int OPTIONS (path '$')) SERVER odd OPTIONS (resource 'results', url 'http://127.0.0.1:9470/odd/hop', on_incomplete 'skip');
ALTER SERVER odd OPTIONS (SET hop_path '$.url');
SELECT tell('{"hop":{"uri":"f"}}');
SELECT * FROM direct;
SELECT tell('{}');
SELECT * FROM direct;
DROP FOREIGN TABLE direct;
-- rows_path is of the file, not of the document that names it
ALTER SERVER odd OPTIONS (ADD rows_path '$.rows');
SELECT * FROM results_of('{"jobs/a":{"status":"completed","url":"/odd/hop"},"hop":{"url":"f","rows":[9]},"f":{"rows":[1,2]}}');
ALTER SERVER odd OPTIONS (DROP rows_path, DROP hop_path);

-- relative URLs are resolved against the job's own
SELECT url, r.* FROM (VALUES ('f'), ('./f?x=1'), ('../f'), ('/odd/f'), ('//127.0.0.1:9470/odd/f'), ('a/../f'), ('?results')) AS u (url),
  results_of(format('{"jobs/a":{"status":"completed","url":"%s"},"jobs/a?results":[0],"jobs/f":[1],"jobs/f?x=1":[2],"f":[3],"jobs/a/f":[4]}', url)) AS r;
ALTER SERVER odd OPTIONS (SET job_url '/jobs/{+id}/status?of=x');
SELECT * FROM results_of('{"jobs/a/status":{"status":"completed","urls":["part1","../a/part2"]},"jobs/a/part1":[1],"jobs/a/part2":[2]}');

SET client_min_messages = warning;
DROP SERVER odd CASCADE;
DROP FUNCTION results_of, rows_of, hopped;
