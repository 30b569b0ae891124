-- What the provider's two resources call: apply, a plan that finds nothing to do, destroy twice.
-- @producer
CREATE SCHEMA $name;
CREATE TABLE $name.t (i integer);
CREATE DATASHARE $name;
ALTER DATASHARE $name ADD SCHEMA $name;
ALTER DATASHARE $name ADD TABLE $name.t;
GRANT USAGE ON DATASHARE $name TO ACCOUNT '$other_account';
-- @call producer redshift authorize_data_share {"DataShareArn": "$arn", "ConsumerIdentifier": "$other_account"}
-- @expect answer Status AUTHORIZED
-- @call producer redshift describe_data_shares {"DataShareArn": "$arn"}
-- @expect answer ConsumerIdentifier $other_account
-- @expect answer Status AUTHORIZED
-- @call other redshift associate_data_share_consumer {"DataShareArn": "$arn", "ConsumerArn": "$other_arn"}
-- @call other redshift describe_data_shares {"DataShareArn": "$arn"}
-- @expect answer ConsumerIdentifier $other_arn
-- @expect answer Status ACTIVE
-- @call producer redshift describe_data_shares {"DataShareArn": "$arn"}
-- @expect answer ConsumerIdentifier $other_account
-- @expect answer Status ACTIVE
-- @call other redshift disassociate_data_share_consumer {"DataShareArn": "$arn", "ConsumerArn": "$other_arn"}
-- @call other redshift disassociate_data_share_consumer {"DataShareArn": "$arn", "ConsumerArn": "$other_arn"}
-- @expect fault InvalidDataShareFault either doesn't exist or isn't associated with this data consumer
-- @call producer redshift deauthorize_data_share {"DataShareArn": "$arn", "ConsumerIdentifier": "$other_account"}
-- @expect answer Status DEAUTHORIZED
-- @call producer redshift deauthorize_data_share {"DataShareArn": "$arn", "ConsumerIdentifier": "$other_account"}
-- @expect fault InvalidDataShareFault because you have already removed authorization from the data share.
DROP DATASHARE $name;
-- @call producer redshift deauthorize_data_share {"DataShareArn": "$arn", "ConsumerIdentifier": "$other_account"}
-- @expect fault InvalidDataShareFault because the ARN doesn't exist.
