/** The key policy of a key that was created without one, as GetKeyPolicy prints it. */
import { rootArn } from '../model/principal-arn.ts';
import type { Home } from '../model/arn.ts';

/** Spacing as AWS has it; scripts compare this text. Replicas get it too, not a copy of the primary's policy. */
export const defaultKeyPolicy = ({ account, region }: Home): string => `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "${rootArn(account, region)}"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`;
