# The reading account: a serverless workgroup reads the share, and so does a cluster.

resource "aws_redshiftserverless_namespace" "reports" {
  provider            = aws.consumer
  namespace_name      = "reports"
  admin_username      = "admin"
  admin_user_password = var.admin_password
  db_name             = "dev"
}

resource "aws_redshiftserverless_workgroup" "reports" {
  provider       = aws.consumer
  workgroup_name = "reports-wg"
  namespace_name = aws_redshiftserverless_namespace.reports.namespace_name
  base_capacity  = 8
}

resource "aws_redshift_cluster" "reports" {
  provider            = aws.consumer
  cluster_identifier  = "reports"
  node_type           = "ra3.large"
  cluster_type        = "single-node"
  database_name       = "dev"
  master_username     = "admin"
  master_password     = var.admin_password
  port                = var.cluster_port
  encrypted           = true
  publicly_accessible = false
  skip_final_snapshot = true
  tags                = { team = "reports" }
}

resource "aws_redshift_data_share_consumer_association" "workgroup" {
  provider       = aws.consumer
  data_share_arn = aws_redshift_data_share_authorization.consumer.data_share_arn
  consumer_arn   = aws_redshiftserverless_namespace.reports.arn
}

resource "aws_redshift_data_share_consumer_association" "cluster" {
  provider       = aws.consumer
  data_share_arn = aws_redshift_data_share_authorization.consumer.data_share_arn
  consumer_arn   = aws_redshift_cluster.reports.cluster_namespace_arn
}

locals {
  from_share = join(" ", [
    "FROM DATASHARE ${local.share}",
    "OF ACCOUNT '${data.aws_caller_identity.producer.account_id}'",
    "NAMESPACE '${aws_redshiftserverless_namespace.shop.namespace_id}'",
  ])
}

resource "aws_redshiftdata_statement" "workgroup_database" {
  provider       = aws.consumer
  workgroup_name = aws_redshiftserverless_workgroup.reports.workgroup_name
  database       = "dev"
  sql            = "CREATE DATABASE shop ${local.from_share}"
  depends_on     = [aws_redshift_data_share_consumer_association.workgroup]
}

resource "aws_redshiftdata_statement" "cluster_database" {
  provider           = aws.consumer
  cluster_identifier = aws_redshift_cluster.reports.cluster_identifier
  database           = "dev"
  db_user            = "admin"
  sql                = "CREATE DATABASE shop ${local.from_share}"
  depends_on         = [aws_redshift_data_share_consumer_association.cluster]
}
