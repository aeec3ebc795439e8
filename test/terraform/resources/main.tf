# The KMS resources of the AWS provider with the arguments that people use; `changed` is their second version (scripts/try-terraform.ts).
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { type = string }
variable "valid_to" { type = string }
variable "changed" {
  type    = bool
  default = false
}

provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
  endpoints {
    kms = var.endpoint
    sts = var.endpoint
  }
}

provider "aws" {
  alias                   = "west"
  region                  = "us-west-2"
  skip_metadata_api_check = true
  endpoints {
    kms = var.endpoint
    sts = var.endpoint
  }
}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  app     = "arn:aws:iam::${local.account}:role/app"
}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "EnableIAMUserPermissions"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }
  statement {
    sid       = "App"
    actions   = var.changed ? ["kms:Decrypt"] : ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [local.app, "arn:aws:iam::${local.account}:role/batch"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:department"
      values   = ["finance", "sales"]
    }
  }
}

resource "aws_kms_key" "app" {
  description             = var.changed ? "application, changed" : "application"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  rotation_period_in_days = var.changed ? 180 : 90
  policy                  = data.aws_iam_policy_document.key.json
  multi_region            = true
  tags                    = var.changed ? { team = "payments" } : { team = "billing", stage = "test" }
}

resource "aws_kms_key" "plain" {
  is_enabled = !var.changed
}

resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}

resource "aws_kms_key" "mac" {
  customer_master_key_spec = "HMAC_256"
  key_usage                = "GENERATE_VERIFY_MAC"
}

resource "aws_kms_alias" "app" {
  name          = "alias/app"
  target_key_id = var.changed ? aws_kms_key.plain.key_id : aws_kms_key.app.key_id
}

resource "aws_kms_alias" "prefixed" {
  name_prefix   = "alias/prefixed-"
  target_key_id = aws_kms_key.app.arn
}

resource "aws_kms_key_policy" "plain" {
  key_id = aws_kms_key.plain.id
  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "plain"
    Statement = [{
      Sid       = var.changed ? "All" : "Everything"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "kms:*"
      Resource  = "*"
      Condition = { StringEquals = { "kms:CallerAccount" = local.account } }
    }]
  })
}

resource "aws_kms_grant" "equals" {
  name              = "equals"
  key_id            = aws_kms_key.app.key_id
  grantee_principal = local.app
  operations        = ["Encrypt", "Decrypt", "GenerateDataKey"]
  constraints {
    encryption_context_equals = { department = "finance" }
  }
}

resource "aws_kms_grant" "subset" {
  key_id             = aws_kms_key.app.key_id
  grantee_principal  = local.app
  retiring_principal = "arn:aws:iam::${local.account}:role/retirer"
  retire_on_delete   = true
  operations         = ["Decrypt", "RetireGrant"]
  constraints {
    encryption_context_subset = { department = "finance", stage = "test" }
  }
}

resource "aws_kms_grant" "service" {
  key_id            = aws_kms_key.app.key_id
  grantee_principal = "dynamodb.us-east-1.amazonaws.com"
  operations        = ["Decrypt", "DescribeKey"]
}

resource "aws_kms_replica_key" "west" {
  provider                = aws.west
  primary_key_arn         = aws_kms_key.app.arn
  description             = var.changed ? "replica, changed" : "replica"
  deletion_window_in_days = 7
  tags                    = { team = "billing" }
}

resource "aws_kms_external_key" "imported" {
  description             = "imported"
  deletion_window_in_days = 7
  key_material_base64     = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
  valid_to                = var.valid_to
  enabled                 = true
}

resource "aws_kms_external_key" "multi" {
  multi_region            = true
  deletion_window_in_days = 7
  key_material_base64     = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
  enabled                 = true
}

resource "aws_kms_replica_external_key" "multi" {
  provider                = aws.west
  primary_key_arn         = aws_kms_external_key.multi.arn
  deletion_window_in_days = 7
  key_material_base64     = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
  enabled                 = true
}

resource "aws_kms_ciphertext" "secret" {
  key_id    = aws_kms_key.app.key_id
  plaintext = "correct horse"
  context   = { department = "finance" }
}

data "aws_kms_key" "by_alias" {
  key_id = aws_kms_alias.app.name
}

data "aws_kms_alias" "app" {
  name = aws_kms_alias.app.name
}

data "aws_kms_public_key" "signing" {
  key_id = aws_kms_key.signing.arn
}

data "aws_kms_secrets" "secret" {
  secret {
    name    = "password"
    payload = aws_kms_ciphertext.secret.ciphertext_blob
    context = { department = "finance" }
  }
}

output "read" {
  value = {
    alias_of  = data.aws_kms_alias.app.target_key_arn == aws_kms_key.app.arn
    enabled   = data.aws_kms_key.by_alias.enabled
    public    = data.aws_kms_public_key.signing.key_usage
    decrypted = nonsensitive(data.aws_kms_secrets.secret.plaintext["password"]) == "correct horse"
  }
}
