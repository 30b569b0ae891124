variable "endpoint" {
  description = "Where the node answers."
  type        = string
  default     = "http://127.0.0.1:5438"
}

variable "region" {
  description = "The Region of both sides."
  type        = string
  default     = "us-east-1"
}

variable "producer" {
  description = "An access key of the account that shares."
  type        = object({ access_key_id = string, secret_access_key = string })
  sensitive   = true
}

variable "consumer" {
  description = "An access key of the account that reads."
  type        = object({ access_key_id = string, secret_access_key = string })
  sensitive   = true
}

variable "admin_password" {
  description = "The administrators' password on both sides."
  type        = string
  sensitive   = true
}

variable "cluster_port" {
  description = "The cluster's SQL port: a node has one address, so each cluster needs its own."
  type        = number
  default     = 5455
}
