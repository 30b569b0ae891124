-- What SHOW, DESC and the views of a share say on both sides.
-- @producer
CREATE SCHEMA $name;
CREATE TABLE $name.t (i integer);
INSERT INTO $name.t VALUES (1), (2);
CREATE DATASHARE $name;
ALTER DATASHARE $name ADD SCHEMA $name;
ALTER DATASHARE $name ADD TABLE $name.t;
GRANT USAGE ON DATASHARE $name TO NAMESPACE '$consumer';
SHOW DATASHARES LIKE '$name';
-- @expect columns share_name, share_owner, source_database, consumer_database, share_type, createdate, is_publicaccessible, share_acl, producer_account, producer_namespace
-- @expect count 1
DESC DATASHARE $name;
-- @expect columns producer_account, producer_namespace, share_type, share_name, object_type, object_name, include_new
-- @expect rows $producer_account|$producer|OUTBOUND|$name|schema|$name|false ; $producer_account|$producer|OUTBOUND|$name|table|$name.t|NULL
SELECT consumer_account, consumer_namespace FROM svv_datashare_consumers WHERE share_name = '$name';
-- @expect rows NULL|$consumer
-- @consumer
CREATE DATABASE $name FROM DATASHARE $name OF NAMESPACE '$producer';
SELECT share_type, source_database, consumer_database, producer_namespace FROM svv_datashares WHERE share_name = '$name';
-- @expect rows INBOUND|NULL|$name|$producer
DESC DATASHARE $name OF NAMESPACE '$producer';
-- @expect rows $producer_account|$producer|INBOUND|$name|schema|$name|NULL ; $producer_account|$producer|INBOUND|$name|table|$name.t|NULL
SELECT share_type, object_type, object_name FROM svv_datashare_objects WHERE share_name = '$name' ORDER BY 2;
-- @expect rows INBOUND|schema|$name ; INBOUND|table|$name.t
