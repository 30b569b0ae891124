-- The texts of members that are there already, or are not.
-- @producer
CREATE SCHEMA $name;
CREATE TABLE $name.t (i integer);
INSERT INTO $name.t VALUES (1), (2);
CREATE DATASHARE $name;
ALTER DATASHARE $name ADD SCHEMA $name;
ALTER DATASHARE $name ADD TABLE $name.t;
GRANT USAGE ON DATASHARE $name TO NAMESPACE '$consumer';
ALTER DATASHARE $name ADD SCHEMA $name;
-- @expect error 42P06 Schema $name is already added to the datashare $name
ALTER DATASHARE $name ADD TABLE $name.t;
-- @expect error 42710 Relation t is already added to the datashare $name
CREATE TABLE $name.u (i integer);
ALTER DATASHARE $name REMOVE TABLE $name.u;
-- @expect error 42704 Datashare $name does not contain the Relation u
CREATE SCHEMA ${name}_2;
ALTER DATASHARE $name REMOVE SCHEMA ${name}_2;
-- @expect error 3F000 Datashare $name does not contain the Schema ${name}_2
CREATE TABLE ${name}_2.t (i integer);
ALTER DATASHARE $name ADD TABLE ${name}_2.t;
-- @expect error 3F000 Schema ${name}_2 is not added to the datashare $name
ALTER DATASHARE ${name}_nowhere ADD SCHEMA $name;
-- @expect error 42704 Datashare ${name}_nowhere does not exist
