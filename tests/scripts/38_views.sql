-- A consumer's view over a share binds late; a producer's view is shared without its base.
-- @producer
CREATE SCHEMA $name;
CREATE TABLE $name.base (i integer);
INSERT INTO $name.base VALUES (1), (2);
CREATE VIEW $name.v AS SELECT i FROM $name.base;
CREATE DATASHARE $name;
ALTER DATASHARE $name ADD SCHEMA $name;
ALTER DATASHARE $name ADD TABLE $name.v;
GRANT USAGE ON DATASHARE $name TO NAMESPACE '$consumer';
-- @consumer
CREATE DATABASE $name FROM DATASHARE $name OF NAMESPACE '$producer';
SELECT i FROM $name.$name.v ORDER BY i;
-- @expect rows 1 ; 2
SELECT i FROM $name.$name.base;
-- @expect error 42P01 relation "$name.$name.base" does not exist
CREATE VIEW ${name}_v AS SELECT i FROM $name.$name.v;
-- @expect error 0A000 a view over another database without WITH NO SCHEMA BINDING is not supported
CREATE VIEW ${name}_v AS SELECT i FROM $name.$name.v WITH NO SCHEMA BINDING;
-- @expect tag CREATE VIEW
SELECT i FROM ${name}_v ORDER BY i;
-- @expect rows 1 ; 2
