# Custom key stores, and keys in them once they are connected: Terraform does not connect them (scripts/try-terraform.ts).
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { type = string }
variable "name" { type = string }
variable "certificate" { type = string }
variable "with_keys" {
  type    = bool
  default = false
}

provider "aws" {
  region                      = "us-east-1"
  skip_metadata_api_check     = true
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  endpoints { kms = var.endpoint }
}

resource "aws_kms_custom_key_store" "hsm" {
  custom_key_store_name    = "hsm-${var.name}"
  cloud_hsm_cluster_id     = "cluster-2a23b4cdefg"
  key_store_password       = "firstPassword"
  trust_anchor_certificate = var.certificate
}

resource "aws_kms_custom_key_store" "xks" {
  custom_key_store_name  = "xks-${var.name}"
  custom_key_store_type  = "EXTERNAL_KEY_STORE"
  xks_proxy_connectivity = "PUBLIC_ENDPOINT"
  xks_proxy_uri_endpoint = "https://xks.example.com"
  xks_proxy_uri_path     = "/kms/xks/v1"
  xks_proxy_authentication_credential {
    access_key_id         = "ABCDE234567ABCDEFGHIJ"
    raw_secret_access_key = "DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo="
  }
}

data "aws_kms_custom_key_store" "xks" {
  custom_key_store_name = aws_kms_custom_key_store.xks.custom_key_store_name
}

resource "aws_kms_key" "hsm" {
  count                   = var.with_keys ? 1 : 0
  custom_key_store_id     = aws_kms_custom_key_store.hsm.id
  deletion_window_in_days = 7
}

resource "aws_kms_key" "xks" {
  count                   = var.with_keys ? 1 : 0
  custom_key_store_id     = aws_kms_custom_key_store.xks.id
  xks_key_id              = "external-key-1"
  deletion_window_in_days = 7
}
