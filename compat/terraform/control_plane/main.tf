# Every other resource and data source of the provider that a node answers, in one account.

resource "aws_redshift_parameter_group" "strict" {
  provider    = aws.producer
  name        = "strict"
  family      = "redshift-2.0"
  description = "Statements end after a minute"
  parameter {
    name  = "statement_timeout"
    value = "60000"
  }
  parameter {
    name  = "require_ssl"
    value = "true"
  }
  tags = { team = "sales" }
}

resource "aws_redshift_subnet_group" "two" {
  provider   = aws.producer
  name       = "two"
  subnet_ids = ["subnet-1", "subnet-2"]
  tags       = { team = "sales" }
}

resource "aws_redshift_cluster" "shop" {
  provider                     = aws.producer
  cluster_identifier           = "tf-shop"
  node_type                    = var.node_type
  number_of_nodes              = var.nodes
  database_name                = "dev"
  master_username              = "admin"
  master_password              = var.admin_password
  port                         = var.cluster_port
  encrypted                    = true
  publicly_accessible          = var.public
  cluster_parameter_group_name = aws_redshift_parameter_group.strict.name
  cluster_subnet_group_name    = aws_redshift_subnet_group.two.name
  vpc_security_group_ids       = ["sg-1"]
  preferred_maintenance_window = "Mon:03:00-Mon:03:30"
  final_snapshot_identifier    = "tf-shop-final"
  skip_final_snapshot          = false
  tags                         = { team = var.team }
}

resource "aws_redshift_cluster_iam_roles" "shop" {
  provider             = aws.producer
  cluster_identifier   = aws_redshift_cluster.shop.cluster_identifier
  iam_role_arns        = ["arn:aws:iam::111111111111:role/load"]
  default_iam_role_arn = "arn:aws:iam::111111111111:role/load"
}

resource "aws_redshift_usage_limit" "remote" {
  provider           = aws.producer
  cluster_identifier = aws_redshift_cluster.shop.id
  feature_type       = "cross-region-datasharing"
  limit_type         = "data-scanned"
  amount             = var.amount
  tags               = { team = "sales" }
}

resource "aws_redshift_resource_policy" "shop" {
  provider     = aws.producer
  resource_arn = aws_redshift_cluster.shop.cluster_namespace_arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "redshift.amazonaws.com" }
      Action    = ["redshift:AuthorizeInboundIntegration"]
      Resource  = aws_redshift_cluster.shop.cluster_namespace_arn
    }]
  })
}

resource "aws_redshift_cluster_snapshot" "shop" {
  provider            = aws.producer
  cluster_identifier  = aws_redshift_cluster.shop.cluster_identifier
  snapshot_identifier = "tf-shop-one"
  tags                = { team = "sales" }
}

resource "aws_redshift_cluster" "again" {
  provider            = aws.producer
  cluster_identifier  = "tf-again"
  snapshot_identifier = aws_redshift_cluster_snapshot.shop.snapshot_identifier
  node_type           = "ra3.large"
  master_username     = "admin"
  port                = var.cluster_port + 1
  encrypted           = true
  publicly_accessible = false
  skip_final_snapshot = true
}

resource "aws_redshiftserverless_namespace" "shop" {
  provider            = aws.producer
  namespace_name      = "tf-shop"
  admin_username      = "admin"
  admin_user_password = var.admin_password
  iam_roles           = ["arn:aws:iam::111111111111:role/load"]
  log_exports         = ["userlog"]
  tags                = { team = var.team }
}

resource "aws_redshiftserverless_workgroup" "shop" {
  provider             = aws.producer
  workgroup_name       = "tf-shop-wg"
  namespace_name       = aws_redshiftserverless_namespace.shop.namespace_name
  base_capacity        = 16
  max_capacity         = 64
  publicly_accessible  = var.public
  enhanced_vpc_routing = true
  security_group_ids   = ["sg-1"]
  subnet_ids           = ["subnet-1", "subnet-2", "subnet-3"]
  config_parameter {
    parameter_key   = "max_query_execution_time"
    parameter_value = "14400"
  }
  tags = { team = var.team }
}

resource "aws_redshiftserverless_usage_limit" "remote" {
  provider     = aws.producer
  resource_arn = aws_redshiftserverless_workgroup.shop.arn
  usage_type   = "cross-region-datasharing"
  amount       = var.amount
}

data "aws_redshift_cluster" "shop" {
  provider           = aws.producer
  cluster_identifier = aws_redshift_cluster.shop.cluster_identifier
}

data "aws_redshift_orderable_cluster" "small" {
  provider             = aws.producer
  preferred_node_types = ["ra3.large"]
}

data "aws_redshift_subnet_group" "two" {
  provider = aws.producer
  name     = aws_redshift_subnet_group.two.name
}

data "aws_redshiftserverless_workgroup" "shop" {
  provider       = aws.producer
  workgroup_name = aws_redshiftserverless_workgroup.shop.workgroup_name
}

data "aws_redshiftserverless_namespace" "shop" {
  provider       = aws.producer
  namespace_name = aws_redshiftserverless_namespace.shop.namespace_name
}

data "aws_redshiftserverless_credentials" "shop" {
  provider       = aws.producer
  workgroup_name = aws_redshiftserverless_workgroup.shop.workgroup_name
}

data "aws_redshift_cluster_credentials" "shop" {
  provider           = aws.producer
  cluster_identifier = aws_redshift_cluster.shop.cluster_identifier
  db_user            = "admin"
}
data "aws_redshift_data_shares" "all" {
  provider = aws.producer
}
