-- A scoped grant shares what is there and what is made later, also made again.
-- @producer
CREATE SCHEMA $name;
CREATE TABLE $name.before (i integer);
CREATE DATASHARE $name;
GRANT USAGE ON SCHEMA $name TO DATASHARE $name;
GRANT SELECT FOR TABLES IN SCHEMA $name TO DATASHARE $name;
CREATE TABLE $name.later (i integer);
CREATE VIEW $name.v AS SELECT i FROM $name.later WITH NO SCHEMA BINDING;
SELECT object_name FROM svv_datashare_objects WHERE share_name = '$name' AND object_type <> 'schema' ORDER BY 1;
-- @expect rows $name.before ; $name.later ; $name.v
DROP VIEW $name.v;
CREATE VIEW $name.v AS SELECT 1 AS i WITH NO SCHEMA BINDING;
SELECT object_name FROM svv_datashare_objects WHERE share_name = '$name' AND object_type <> 'schema' ORDER BY 1;
-- @expect rows $name.before ; $name.later ; $name.v
REVOKE SELECT FOR TABLES IN SCHEMA $name FROM DATASHARE $name;
SELECT object_name FROM svv_datashare_objects WHERE share_name = '$name' AND object_type <> 'schema' ORDER BY 1;
-- @expect count 0
