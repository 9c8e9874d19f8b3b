-- Each value as a column of each type: what (record #>> path)::type gives.
SET datestyle = 'ISO, MDY';
SET timezone = 'America/New_York';
SELECT * FROM compare('text', ARRAY['"a"', '""', '"a\"b\\c\/d\b\f\n\r\t"', '"\u00e9\u20ac\ud83d\ude00"', '"é€😀"', '1', '1.10', '1e2', '-0', '12345678901234567890123', 'true', 'false', 'null', '{"a": 1,  "b":[ ]}', '[1, 2]', '"a\u0000b"', '"\ud83d"', '"\ude00\ud83d"', '"\ud83dx"']);
SELECT * FROM compare('varchar', ARRAY['"abc"', '7']);
SELECT * FROM compare('"char"', ARRAY['"abc"']);
SELECT * FROM compare('name', ARRAY['"abc"']);
SELECT * FROM compare('bpchar', ARRAY['"abc "']);
SELECT * FROM compare('int2', ARRAY['1', '-32768', '32767', '32768', '"12"']);
SELECT * FROM compare('int4', ARRAY['0', '-0', '2147483647', '2147483648', '-2147483648', '12.0', '1e2', '"12"', '" 12 "', '""', '"lots"', 'true', 'null', '[1]', '{"a":1}']);
SELECT * FROM compare('int8', ARRAY['9223372036854775807', '9223372036854775808', '-9223372036854775808', '999999999999999999', '1000000000000000000', '9007199254740993']);
SELECT * FROM compare('numeric', ARRAY['1.10', '1e2', '1E-3', '-0', '12345678901234567890123.4567890123456789', '"NaN"', '"1,5"', '1e40']);
SELECT * FROM compare('numeric(5,2)', ARRAY['1.005', '-999.994', '1000']);
SELECT * FROM compare('float8', ARRAY['0.1', '1e400', '"NaN"', '"Infinity"', '1e-400', '9007199254740993', 'true']);
SELECT * FROM compare('float4', ARRAY['0.1', '1e39']);
SELECT * FROM compare('bool', ARRAY['true', 'false', '"t"', '"yes"', '"off"', '"maybe"', '1', '0', '2', 'null', '[true]']);
SELECT * FROM compare('uuid', ARRAY['"53ab0000-0000-4000-8000-000000000001"', '"53AB0000000040008000000000000001"', '"{53ab0000-0000-4000-8000-000000000001}"', '"53ab"', '1']);
SELECT * FROM compare('json', ARRAY['{"a": 1,  "b":[ ]}', '"a\u0000b"', '"\ud83d"', '1.10', 'null', '{"a":1,"a":2}', 'true']);
SELECT * FROM compare('jsonb', ARRAY['{"b": 1,  "a":[ ]}', '"a\u0000b"', '"\ud83d"', '1.10', 'null', '{"a":1,"a":2}', '"x"', '-0', '1e2']);
SELECT * FROM compare('bytea', ARRAY['"\\x00ff"', '"abc"']);
SELECT * FROM compare('inet', ARRAY['"10.0.0.1/8"', '"x"']);
SELECT * FROM compare('interval', ARRAY['"P1DT2H"', '"1 day 02:00"']);
SELECT * FROM compare('int4range', ARRAY['"[1,5)"']);
SELECT * FROM compare('xid', ARRAY['"7"']);
SELECT * FROM compare('int4[]', ARRAY['[1,2,3]', '[]', '[1,null]', '["1"," 2 "]', '[[1]]', '[1.5]', '1', '"{1,2}"', '{"a":1}', 'null']);
SELECT * FROM compare('text[]', ARRAY['["a","b,c","\"",""]', '[1,true,{"a":1},[2]]', '[null,"NULL"]']);
SELECT * FROM compare('jsonb[]', ARRAY['[{"a":1},2,"x",null]']);
SELECT * FROM compare('bool[]', ARRAY['[true,"f",null]']);

-- typmods that do not fit are errors, as they are in INSERT
SELECT * FROM compare('varchar(3)', ARRAY['"abc"', '"abcd"']);
SELECT * FROM compare('char(3)', ARRAY['"a"', '"abcd"']);
SELECT * FROM compare('bit(3)', ARRAY['"101"', '"10"']);

-- domains, enums and composites
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN required AS text NOT NULL;
CREATE DOMAIN stamp AS timestamptz(0);
CREATE DOMAIN tags AS text[] CHECK (cardinality(VALUE) < 3);
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (a int, b text);
SELECT * FROM compare('positive', ARRAY['1', '-1', 'null', '"x"']);
SELECT * FROM compare('required', ARRAY['"a"', 'null']);
SELECT * FROM compare('stamp', ARRAY['"2026-06-12T12:23:03.9"']);
SELECT * FROM compare('tags', ARRAY['["a"]', '["a","b","c"]', '"a"']);
SELECT * FROM compare('positive[]', ARRAY['[1,2]', '[1,-2]']);
SELECT * FROM compare('mood', ARRAY['"ok"', '"glad"']);
SELECT * FROM compare('mood[]', ARRAY['["ok","sad"]']);
SELECT * FROM compare('pair', ARRAY['"(1,x)"', '{"a":1}']);
DROP TYPE mood, pair;
DROP DOMAIN positive, required, stamp, tags;
