-- odd answers of an API: each is rows, or an error
CREATE SERVER odd FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'http://127.0.0.1:9470/named',
  allow_private_hosts 'true', list_url '/', items_path '$.jobs', job_url '/{id}', job_path '$.job', urls_path '$.url');
CREATE FOREIGN TABLE odd (id text OPTIONS (meta 'job_id'), status text) SERVER odd OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE odd_results (job text OPTIONS (meta 'job_id'), record json OPTIONS (path '$'))
  SERVER odd OPTIONS (resource 'results');

-- Read a listing that answers with a text; give the number of jobs, or the SQLSTATE.
CREATE FUNCTION listed(body text, items text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER odd OPTIONS (SET list_url %L, SET items_path %L)', '/json/' || encode(convert_to(body, 'UTF8'), 'hex'), items);
  RETURN outcome_of('SELECT count(*) FROM odd');
END $$;

-- Read a job whose answer is a text: its status and its results, or the SQLSTATEs.
CREATE FUNCTION asked(body text, OUT status text, OUT results text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER odd OPTIONS (SET job_url %L)', '/json/' || encode(convert_to(body, 'UTF8'), 'hex') || '/{id}');
  status := outcome_of($q$SELECT status FROM odd WHERE id = 'x'$q$);
  results := outcome_of($q$SELECT string_agg(record::text, ' ') FROM odd_results WHERE job = 'x'$q$);
END $$;

-- no array where items_path says: an error, but for null there, and for {}
SELECT body, listed(body, '$') AS whole, listed(body, '$.jobs') AS jobs, listed(body, '$[0]') AS element FROM (VALUES
  ('null'), (' null '), ('{}'), (' { } '), ('[]'), ('[ ]'), ('""'), ('5'), ('true'), ('"null"'),
  ('{"jobs":null}'), ('{"jobs":{}}'), ('{"jobs":[]}'), ('{"jobs":""}'), ('{"jobs":0}'), ('{"jobs":false}'),
  ('{"jobs":[{}]}'), ('{"jobs":[null]}'), ('{"jobs":null,"jobs":[{},{}]}'), ('{"jobs":[{}],"jobs":null}'),
  ('[null]'), ('[[]]'), ('[{"jobs":[{}]}]'), ('{"other":[]}'), ('[null,1,"x",[2],{}]')) AS b (body);

-- no job where job_path says, nothing inside of it where inline_path says
ALTER SERVER odd OPTIONS (ADD inline_path '$.rows');
SELECT body, a.* FROM (VALUES
  ('null'), ('{}'), ('[]'), ('""'), ('5'), ('{"job":null}'), ('{"job":[]}'), ('{"job":"x"}'), ('{"job":{}}'),
  ('{"job":{"status":null}}'), ('{"job":{"status":{}}}'), ('{"job":{"status":"completed"}}'),
  ('{"job":{"status":"completed","rows":null}}'), ('{"job":{"status":"completed","rows":[]}}'),
  ('{"job":{"status":"completed","rows":[null]}}'), ('{"job":{"status":"completed","rows":{}}}'),
  ('{"job":{"status":"completed","rows":""}}'), ('{"job":{"status":"completed","rows":[1,[],"x"]}}'),
  ('{"job":{"status":"completed","url":[],"rows":[7]}}'), ('{"job":{"status":"completed","url":"","rows":[7]}}')) AS b (body), asked(body) AS a;
