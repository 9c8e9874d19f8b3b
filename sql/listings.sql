-- Listings as APIs page them, and as they do not: all jobs, or an error, in so many requests.
CREATE SERVER odd FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'http://127.0.0.1:9470/odd',
  allow_private_hosts 'true', list_url '/jobs', items_path '$.jobs', job_url '/jobs/{id}', urls_path '$.url');
CREATE FOREIGN TABLE jobs (id text, status text) SERVER odd OPTIONS (resource 'jobs');

-- Read the listing; give its ids or the SQLSTATE, and what was asked for.
CREATE FUNCTION listing(script text, OUT ids text, OUT asked text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell(script);
  ids := outcome_of('SELECT string_agg(id, '' '') FROM jobs');
  asked := (SELECT string_agg(coalesce(query, '-'), ' ' ORDER BY n) FROM requests);
END $$;

-- a single page that says that there is more
SELECT answer, l.* FROM (VALUES ('{"jobs":[{"id":"a"}]}'), ('{"jobs":[{"id":"a"}],"@headers":{"Link":"<http://x/?p=2>; rel=\"next\""}}'),
  ('{"jobs":[{"id":"a"}],"@headers":{"Link":"</a,b;c>; title=\"a, \\\"; rel=next\"; REL = \"prev  NEXT\", <http://x/?p=2>; rel=last"}}'),
  ('{"jobs":[{"id":"a"}],"@headers":{"Link":"<http://x/?p=1>; rel=\"prev\", <http://x/?p=9>;rel=last; title=\"next\""}}'),
  ('{"jobs":[{"id":"a"}],"@headers":{"Link":"next; <x> rel=next, <http://x/?p=1>; rel=\"nextx\""}}'),
  ('{"jobs":[{"id":"a"}],"@headers":{"Link":"<http://x/?p=1>;;rel=prev , ,<http://x/?p=2>;rel=next"}}')) AS a (answer),
  listing(format('{"jobs":%s}', answer)) AS l;
ALTER SERVER odd OPTIONS (ADD more_path '$.more', ADD next_path '$.next');
SELECT answer, l.* FROM (VALUES ('"more":true'), ('"more":false'), ('"next":"c"'), ('"next":null'), ('"next":"c","more":false'), ('"next":7'), ('"next":{}')) AS a (answer),
  listing(format('{"jobs":{"jobs":[{"id":"a"}],%s}}', answer)) AS l;
SELECT * FROM jobs;

-- cursors: the first one, the last one, one that comes again
ALTER SERVER odd OPTIONS (ADD page_style 'cursor', ADD page_param 'after', ADD page_start '*', DROP more_path);
SELECT * FROM listing('{"jobs?after=%2A":{"jobs":[{"id":"a"}],"next":"x"},"jobs?after=x":{"jobs":[{"id":"b"}],"next":"y"},"jobs?after=y":{"jobs":[],"next":"y"}}');
SELECT * FROM listing('{"jobs?after=%2A":{"jobs":[{"id":"a"}],"next":"*"}}');
SELECT * FROM listing('{"jobs?after=%2A":{"jobs":[],"next":"*"}}');
SELECT * FROM listing('{"jobs?after=%2A":{"jobs":[{"id":"a"}],"next":"x"},"jobs?after=x":{"jobs":[],"next":"*"}}');
SELECT * FROM listing('{"jobs?after=%2A":{"jobs":[{"id":"a"}],"next":"x"},"jobs?after=x":{"jobs":[{"id":"b"}],"next":"x"}}');
EXPLAIN (COSTS OFF) SELECT * FROM jobs;
ALTER SERVER odd OPTIONS (DROP page_start, ADD more_path '$.more');
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"}],"next":"x","more":true},"jobs?after=x":{"jobs":[],"next":"x","more":true}}');
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"}],"next":"x","more":true},"jobs?after=x":{"jobs":[],"next":"x","more":false}}');
-- no cursor, but a Link
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"}],"next":null,"@headers":{"Link":"<x>; rel=next"}}}');
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"}],"next":null,"more":false,"@headers":{"Link":"<x>; rel=next"}}}');
-- a flag and cursors that no answer has: Groq's behind another vendor's options
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"}]}}');
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"}],"next":"x"},"jobs?after=x":{"jobs":[{"id":"b"}]}}');
SELECT * FROM listing('{"jobs":{"jobs":[]}}');
-- the same jobs behind ever new cursors
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"}],"next":"x"},"jobs?after=x":{"jobs":[{"id":"a"}],"next":"y"},"jobs?after=y":{"jobs":[{"id":"a"}],"next":"z"}}');
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"}],"next":"x"},"jobs?after=x":{"jobs":[{"id":"a"},{"id":"b"}],"next":null}}');

-- offsets and pages: an empty page, by the total and by the flag; a total that is none; a Link
ALTER SERVER odd OPTIONS (SET page_style 'offset', SET page_param 'o', DROP next_path, ADD total_path '$.total', ADD page_size '2');
SELECT * FROM listing('{"jobs?o=0":{"jobs":[],"total":4},"jobs?o=2":{"jobs":[{"id":"a"},{"id":"b"}],"total":4}}');
SELECT * FROM listing('{"jobs?o=0":{"jobs":[{"id":"a"}],"more":true},"jobs?o=1":{"jobs":[],"more":true},"jobs?o=3":{"jobs":[{"id":"b"}],"more":false}}');
SELECT total, l.* FROM (VALUES ('-1'), ('null'), ('"all"'), ('-0'), ('1')) AS t (total),
  listing(format('{"jobs?o=0":{"jobs":[{"id":"a"}],"total":%1$s},"jobs?o=1":{"jobs":[{"id":"b"}],"total":%1$s},"jobs?o=2":{"jobs":[],"total":%1$s}}', total)) AS l;
SELECT * FROM listing('{"jobs?o=0":{"jobs":[{"id":"a"}],"total":1,"@headers":{"Link":"<x>; rel=next"}},"jobs?o=1":{"jobs":[{"id":"b"}],"total":2}}');
SELECT * FROM listing('{"jobs?o=0":{"jobs":[{"id":"a"}],"more":true},"jobs?o=1":{"jobs":[{"id":"a"}],"more":true}}');

-- a LIMIT below the smallest size of a page
ALTER SERVER odd OPTIONS (SET page_style 'page', SET page_param 'p', ADD page_size_param 'size', SET page_size '50', ADD page_size_min '10');
SELECT tell('{"jobs":{"jobs":[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"}],"more":false}}');
SELECT id FROM jobs LIMIT 3;
SELECT count(*) FROM (SELECT FROM jobs LIMIT 20) AS t;
SELECT count(*) FROM (SELECT FROM jobs LIMIT 60) AS t;
SELECT query FROM requests ORDER BY n;
EXPLAIN (COSTS OFF) SELECT * FROM jobs LIMIT 3;

-- the next page by its URL: in the header Link, relative or absolute, one of several; the first page again
ALTER SERVER odd OPTIONS (SET page_style 'next', DROP page_param, DROP page_size_param, DROP page_size, DROP page_size_min, DROP total_path, DROP more_path);
SELECT link, l.* FROM (VALUES ('<jobs?p=2>; rel=\"next\"'), ('</odd/jobs?p=2>; rel=next'), ('<http://127.0.0.1:9470/odd/jobs?p=2>;rel=next'), ('<?p=2>; rel=\"last next\"'),
  ('<jobs?p=1>; rel=\"prev\", <jobs?p=2>; title=\"a, <b>; rel=x\"; rel=\"next\", <jobs?p=9>; rel=\"last\"'), ('<jobs?p=9>; rel=last, <jobs?p=2>; rel=next'),
  ('<jobs?p=2>; rel=next, <jobs?p=2>; rel=next'), ('<jobs?p=2>; rel=next, <jobs?p=3>; rel=next'), ('<>; rel=next'), ('<jobs?p=2>, ; rel=next'), ('; rel=next'), ('<jobs>; rel=next'),
  ('<http://127.0.0.1:9471/odd/jobs?p=2>; rel=next'), ('<//127.0.0.2:9470/odd/jobs?p=2>; rel=next'), ('<https://127.0.0.1:9470/odd/jobs?p=2>; rel=next'),
  ('<http://u:p@127.0.0.1:9470/odd/jobs?p=2>; rel=next'), ('<file:///etc/passwd>; rel=next')) AS a (link),
  listing(format('{"jobs":{"jobs":[{"id":"a"}],"@headers":{"Link":"%s"}},"jobs?p=2":{"jobs":[{"id":"b"}]}}', link)) AS l;
SELECT * FROM listing(format('{"jobs":{"jobs":[{"id":"a"}],"@headers":{"Link":"<jobs?p=%s>; rel=next"}}}', repeat('2', 8200)));
-- a Link back to a page that was given, and one that an empty page gives of itself
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"}],"@headers":{"Link":"<jobs?p=2>; rel=next"}},"jobs?p=2":{"jobs":[{"id":"b"}],"@headers":{"Link":"<jobs>; rel=next"}}}');
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"}],"@headers":{"Link":"<jobs?p=2>; rel=next"}},"jobs?p=2":{"jobs":[],"@headers":{"Link":"<jobs?p=2>; rel=next"}}}');
-- no page is asked for before its jobs are wanted
SELECT tell('{"jobs":{"jobs":[{"id":"a"},{"id":"b"}],"@headers":{"Link":"<jobs?p=2>; rel=next"}},"jobs?p=2":{"jobs":[{"id":"c"}]}}');
SELECT count(*) FROM (SELECT FROM jobs LIMIT 2) AS t;
SELECT count(*) FROM requests;
EXPLAIN (COSTS OFF) SELECT * FROM jobs;
-- in the answer: a flag goes first, and a Link does not stand in for it
ALTER SERVER odd OPTIONS (ADD next_path '$.next', ADD more_path '$.more');
SELECT answer, l.* FROM (VALUES ('"next":"jobs?p=2"'), ('"next":"\/odd\/jobs?p=2"'), ('"next":"jobs?p=2","more":false'), ('"next":null'), ('"next":"","more":false'), ('"next":false'), ('"next":0'),
  ('"next":null,"more":true'), ('"more":true'), ('"more":null'), ('"next":7'), ('"next":true'), ('"next":{"href":"jobs?p=2"}'), ('"next":["jobs?p=2"]'), ('"none":1'),
  ('"next":null,"@headers":{"Link":"<jobs?p=2>; rel=next"}'), ('"next":"http://10.0.0.1/?p=2"')) AS a (answer),
  listing(format('{"jobs":{"jobs":[{"id":"a"}],%s},"jobs?p=2":{"jobs":[{"id":"b"}],"next":null}}', answer)) AS l;
SELECT tell('{"jobs":{"jobs":[{"id":"a"}],"next":"http://other.example/jobs?key=secret"}}');
SELECT * FROM jobs;

-- the last element of an array: the id behind which the next page begins
ALTER SERVER odd OPTIONS (SET page_style 'cursor', ADD page_param 'after', SET next_path '$.jobs[last].id');
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"},{"id":"b"}],"more":true},"jobs?after=b":{"jobs":[{"id":"c"},{"id":"d"}],"more":true},"jobs?after=d":{"jobs":[{"id":"e"}],"more":false}}');
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"},{"id":"b"}]},"jobs?after=b":{"jobs":[{"id":"c"}]},"jobs?after=c":{"jobs":[]}}');
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"},{"n":1}],"more":true}}');
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"},{"n":1}]}}');
ALTER SERVER odd OPTIONS (DROP more_path);
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"},{"n":1}]}}');
SELECT * FROM listing('{"jobs":{"jobs":[{"id":"a"},{"id":"b"}]},"jobs?after=b":{"jobs":[]}}');
SELECT sqlstate_of(format('ALTER SERVER odd OPTIONS (SET %s)', option)) FROM (VALUES ($$next_path '$.jobs[last - 1].id'$$), ($$next_path '$.jobs[0 to last].id'$$), ($$next_path '$[last][last].a[1]'$$),
  ($$items_path '$.jobs[last]'$$), ($$next_path '$.jobs[last][*]'$$), ($$next_path '$.jobs["last"]'$$)) AS o (option);

SET client_min_messages = warning;
DROP SERVER odd CASCADE;
DROP FUNCTION listing;
