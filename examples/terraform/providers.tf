# One provider an account. Every service of the node answers on one endpoint, and what is signed is
# verified, so no check of the provider needs to be skipped.

provider "aws" {
  alias      = "producer"
  region     = var.region
  access_key = var.producer.access_key_id
  secret_key = var.producer.secret_access_key

  endpoints {
    redshift           = var.endpoint
    redshiftdata       = var.endpoint
    redshiftserverless = var.endpoint
    sts                = var.endpoint
  }
}

provider "aws" {
  alias      = "consumer"
  region     = var.region
  access_key = var.consumer.access_key_id
  secret_key = var.consumer.secret_access_key

  endpoints {
    redshift           = var.endpoint
    redshiftdata       = var.endpoint
    redshiftserverless = var.endpoint
    sts                = var.endpoint
  }
}

data "aws_caller_identity" "producer" {
  provider = aws.producer
}

data "aws_caller_identity" "consumer" {
  provider = aws.consumer
}
