-- Two parts reach a share by an external schema, which is of kind 5.
-- @producer
CREATE SCHEMA $name;
CREATE TABLE $name.t (i integer);
INSERT INTO $name.t VALUES (1), (2);
CREATE DATASHARE $name;
ALTER DATASHARE $name ADD SCHEMA $name;
ALTER DATASHARE $name ADD TABLE $name.t;
GRANT USAGE ON DATASHARE $name TO NAMESPACE '$consumer';
-- @consumer
CREATE DATABASE $name FROM DATASHARE $name OF NAMESPACE '$producer';
CREATE EXTERNAL SCHEMA ${name}_x FROM REDSHIFT DATABASE '$name' SCHEMA '$name';
SELECT i FROM ${name}_x.t ORDER BY i;
-- @expect rows 1 ; 2
SELECT eskind FROM svv_external_schemas WHERE schemaname = '${name}_x';
-- @expect rows 5
CREATE EXTERNAL SCHEMA ${name}_x FROM REDSHIFT DATABASE '$name' SCHEMA '$name';
-- @expect error 42P06 Schema "${name}_x" already exists
