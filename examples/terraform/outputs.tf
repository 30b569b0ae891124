output "data_share_arn" {
  value = local.share_arn
}

output "consumer_workgroup" {
  description = "Host and port that answer `SELECT * FROM shop.public.orders`."
  value       = one(aws_redshiftserverless_workgroup.reports.endpoint)
}

output "consumer_cluster" {
  value = aws_redshift_cluster.reports.endpoint
}
