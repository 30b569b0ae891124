# The sharing account: a serverless namespace with a table in a datashare.

resource "aws_redshiftserverless_namespace" "shop" {
  provider            = aws.producer
  namespace_name      = "shop"
  admin_username      = "admin"
  admin_user_password = var.admin_password
  db_name             = "dev"
  tags                = { team = "sales" }
}

resource "aws_redshiftserverless_workgroup" "shop" {
  provider       = aws.producer
  workgroup_name = "shop-wg"
  namespace_name = aws_redshiftserverless_namespace.shop.namespace_name
  base_capacity  = 8
}

locals {
  share = "orders_share"

  share_arn = join(":", [
    "arn:aws:redshift",
    var.region,
    data.aws_caller_identity.producer.account_id,
    "datashare",
    "${aws_redshiftserverless_namespace.shop.namespace_id}/${local.share}",
  ])
}

# Statements run once, in the order of depends_on. Destroying one only forgets it: the datashare
# goes with its namespace.

resource "aws_redshiftdata_statement" "table" {
  provider       = aws.producer
  workgroup_name = aws_redshiftserverless_workgroup.shop.workgroup_name
  database       = "dev"
  sql            = "CREATE TABLE public.orders (id integer, item varchar(20))"
}

resource "aws_redshiftdata_statement" "rows" {
  provider       = aws.producer
  workgroup_name = aws_redshiftserverless_workgroup.shop.workgroup_name
  database       = "dev"
  sql            = "INSERT INTO public.orders VALUES (1, 'ticket'), (2, 'programme')"
  depends_on     = [aws_redshiftdata_statement.table]
}

resource "aws_redshiftdata_statement" "share" {
  provider       = aws.producer
  workgroup_name = aws_redshiftserverless_workgroup.shop.workgroup_name
  database       = "dev"
  sql            = "CREATE DATASHARE ${local.share}"
}

resource "aws_redshiftdata_statement" "schema" {
  provider       = aws.producer
  workgroup_name = aws_redshiftserverless_workgroup.shop.workgroup_name
  database       = "dev"
  sql            = "ALTER DATASHARE ${local.share} ADD SCHEMA public"
  depends_on     = [aws_redshiftdata_statement.share]
}

resource "aws_redshiftdata_statement" "content" {
  provider       = aws.producer
  workgroup_name = aws_redshiftserverless_workgroup.shop.workgroup_name
  database       = "dev"
  sql            = "ALTER DATASHARE ${local.share} ADD TABLE public.orders"
  depends_on     = [aws_redshiftdata_statement.schema, aws_redshiftdata_statement.rows]
}

resource "aws_redshiftdata_statement" "grant" {
  provider       = aws.producer
  workgroup_name = aws_redshiftserverless_workgroup.shop.workgroup_name
  database       = "dev"
  sql            = "GRANT USAGE ON DATASHARE ${local.share} TO ACCOUNT '${data.aws_caller_identity.consumer.account_id}'"
  depends_on     = [aws_redshiftdata_statement.share]
}

resource "aws_redshift_data_share_authorization" "consumer" {
  provider            = aws.producer
  data_share_arn      = local.share_arn
  consumer_identifier = data.aws_caller_identity.consumer.account_id
  depends_on          = [aws_redshiftdata_statement.grant]
}
