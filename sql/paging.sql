-- pages are asked for as rows are wanted
CREATE FUNCTION account(name text, options text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE SERVER %I FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider ''crustdata'',
    base_url %L, allow_private_hosts ''true'' %s)', name, 'http://127.0.0.1:9470/accounts/' || name, options);
  EXECUTE format('CREATE USER MAPPING FOR PUBLIC SERVER %I OPTIONS (api_key ''test-key'')', name);
  EXECUTE format('CREATE FOREIGN TABLE %I (batch_id uuid, status text, result_count int, created_at timestamptz)
    SERVER %I OPTIONS (resource ''jobs'')', name, name);
END $$;
SELECT account('million');
SELECT * FROM reset;
SELECT status FROM million LIMIT 1;
SELECT method, path, query FROM requests ORDER BY n;
SELECT * FROM reset;
SELECT count(*) FROM (SELECT 1 FROM million LIMIT 250) AS t;
SELECT count(*) AS requests, count(DISTINCT query) AS cursors, count(DISTINCT headers) AS headers FROM requests;
BEGIN;
DECLARE c CURSOR FOR SELECT batch_id FROM million;
SELECT * FROM reset;
MOVE 100 IN c;
SELECT count(*) AS requests FROM requests;
MOVE 1 IN c;
SELECT count(*) AS requests FROM requests;
CLOSE c;
COMMIT;

-- a cursor that comes again, a promise without a cursor, empty pages
SELECT account('loop');
SELECT count(*) FROM loop;
SELECT count(*) FROM (SELECT 1 FROM loop LIMIT 2) AS t;
SELECT account('nocursor');
SELECT count(*) FROM nocursor;
SELECT account('gaps');
SELECT * FROM reset;
SELECT count(*) FROM gaps;
SELECT count(*) FROM requests;
SELECT account('endless');
SELECT count(*) FROM endless;

-- pages by number
SELECT account('pages', $$, list_url '/jobs', items_path '$.items', page_style 'page', page_param 'page',
  page_size_param 'pageSize', page_size '10', total_path '$.totalPages'$$);
SELECT * FROM reset;
SELECT count(*), count(DISTINCT batch_id) FROM pages;
SELECT path, query FROM requests ORDER BY n;
ALTER SERVER pages OPTIONS (DROP total_path);
SELECT * FROM reset;
SELECT count(*) FROM pages;
SELECT count(*) FROM requests;

-- pages that are shorter than page_size says do not end it: the API has a limit of its own
ALTER SERVER pages OPTIONS (DROP page_size_param, SET page_size '100');
SELECT count(*) FROM pages;
ALTER SERVER pages OPTIONS (ADD page_size_param 'pageSize', SET page_size '10');

-- a flag that is no Boolean does not end the paging either
ALTER SERVER pages OPTIONS (ADD more_path '$.page');
SELECT count(*) FROM pages;
ALTER SERVER pages OPTIONS (DROP more_path);

-- a total that is no number is unknown
ALTER SERVER pages OPTIONS (ADD total_path '$.totalPages', ADD list_params 'total=many');
SELECT count(*) FROM pages;
ALTER SERVER pages OPTIONS (SET list_params 'total=3.');
SELECT count(*) FROM pages;
ALTER SERVER pages OPTIONS (SET list_params 'total=2');
SELECT count(*) FROM pages;
ALTER SERVER pages OPTIONS (DROP list_params, DROP total_path);

-- a listing that shifts while it is read: repeats are dropped
ALTER SERVER pages OPTIONS (ADD list_params 'overlap=3', ADD total_path '$.totalPages');
SELECT count(*), count(DISTINCT batch_id) FROM pages;
ALTER SERVER pages OPTIONS (DROP list_params);

-- a listing that gives the first page whatever is asked for: an error, even if the total says that it is the last one
SELECT * FROM reset;
ALTER SERVER pages OPTIONS (ADD list_params 'stays=1');
SELECT count(*) FROM pages;
ALTER SERVER pages OPTIONS (SET list_params 'stays=counts');
SELECT count(*) FROM pages;
ALTER SERVER pages OPTIONS (SET list_params 'overlap=10');
SELECT count(*) FROM pages;
ALTER SERVER pages OPTIONS (DROP total_path, SET list_params 'stays=counts');
SELECT count(*) FROM pages;
SELECT count(*) AS rows FROM (SELECT FROM pages LIMIT 10) AS t;
-- as many of a page as are new are enough; jobs without an id are told apart by the text of the page
ALTER SERVER pages OPTIONS (SET list_params 'overlap=9');
SELECT count(*), count(DISTINCT batch_id) FROM pages;
ALTER SERVER pages OPTIONS (SET list_params 'stays=1', ADD total_path '$.totalPages', ADD id_path '$.none');
SELECT count(*) FROM pages;
ALTER SERVER pages OPTIONS (SET list_params 'overlap=3');
SELECT count(*) FROM pages;
SELECT query, count(*) FROM requests GROUP BY query ORDER BY min(n);
ALTER SERVER pages OPTIONS (DROP id_path, DROP list_params);

-- offsets
SELECT account('offsets', $$, list_url '/jobs', items_path '$.data', page_style 'offset', page_param 'offset',
  page_size_param 'limit', page_size '10', total_path '$.total'$$);
SELECT * FROM reset;
SELECT count(*), count(DISTINCT batch_id) FROM offsets;
SELECT path, query FROM requests ORDER BY n;

-- offsets that count from 1
ALTER SERVER offsets OPTIONS (ADD list_params 'base=1', ADD page_start '1', SET page_size '8');
SELECT count(*), count(DISTINCT batch_id) FROM offsets;
ALTER SERVER offsets OPTIONS (DROP list_params, DROP page_start, SET page_size '10');

-- an empty page is passed over where the total says that there are more, by the size of a page
ALTER SERVER offsets OPTIONS (ADD list_params 'hole=10');
SELECT count(*) FROM offsets;
ALTER SERVER offsets OPTIONS (SET list_params 'hole=20');
SELECT count(*) FROM offsets;
ALTER SERVER offsets OPTIONS (SET list_params 'hole=0,10');
SELECT count(*) FROM offsets;
ALTER SERVER offsets OPTIONS (SET list_params 'hole=10', DROP total_path);
SELECT count(*) FROM offsets;
-- the first page again and again
ALTER SERVER offsets OPTIONS (ADD total_path '$.total', SET list_params 'stays=1');
SELECT count(*) FROM offsets;
ALTER SERVER offsets OPTIONS (DROP total_path, SET list_params 'stays=counts');
SELECT count(*) FROM offsets;

-- fixed parameters go along, the filter too; other paths are named in the error
ALTER SERVER gaps OPTIONS (ADD list_params 'entity=company&x=%20');
SELECT * FROM reset;
SELECT count(*) FROM gaps WHERE status = 'completed';
SELECT query FROM requests ORDER BY n LIMIT 1;
ALTER SERVER gaps OPTIONS (ADD items_path '$.next_cursor');
SELECT count(*) FROM gaps;
ALTER SERVER gaps OPTIONS (SET items_path '$.no.such');
SELECT count(*) FROM gaps;

SET client_min_messages = warning;
DROP SERVER million, loop, nocursor, gaps, endless, pages, offsets CASCADE;
DROP FUNCTION account;
