# What a second apply changes.

variable "node_type" {
  type    = string
  default = "ra3.xlplus"
}

variable "nodes" {
  type    = number
  default = 1
}

variable "public" {
  type    = bool
  default = false
}

variable "amount" {
  type    = number
  default = 3
}

variable "team" {
  type    = string
  default = "sales"
}
