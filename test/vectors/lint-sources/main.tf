data "aws_caller_identity" "current" {}
resource "aws_kms_key" "a" {
  description = "x ${var.y}"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid = "Root", Effect = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action = "kms:*", Resource = "*"
      },
      {
        Sid       = "Use"
        Effect    = "Allow"
        Principal = { AWS = [aws_iam_role.app.arn, "arn:aws:iam::${var.other}:role/x"] }
        Action    = ["kms:Decrpyt"] # typo
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
    ]
  })
}
resource "aws_kms_key" "b" {
  policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        { "Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
          "Condition": { "StringEquals": { "kms:EncryptionContext:u": "$${aws:username}" } } },
        { "Sid": "R", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"}, "Action": "kms:*", "Resource": "*" },
      ]
    }
  EOF
}
