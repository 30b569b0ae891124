-- A share has one database in a namespace.
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
CREATE DATABASE ${name}_2 FROM DATASHARE $name OF NAMESPACE '$producer';
-- @expect error 42P04 A database "$name" is already created from the datashare $name. Only one database can be created from a datashare.
SELECT consumer_database FROM svv_datashares WHERE share_name = '$name';
-- @expect rows $name
DROP DATABASE $name;
CREATE DATABASE ${name}_2 FROM DATASHARE $name OF NAMESPACE '$producer';
-- @expect tag CREATE DATABASE
