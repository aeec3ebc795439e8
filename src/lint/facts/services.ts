/**
 * Services that kms:ViaService knows (AWS KMS Developer Guide, Condition keys for AWS KMS), and those whose own ARNs
 * are of their name.
 */

const VIA = new Set(
  'apprunner appfabric appflow mgn athena auditmanager rds backup backup-gateway chimevoiceconnector codeartifact codeguru-reviewer comprehend connect profile wisdom dms directoryservice dynamodb docdb-elastic ssm ec2 ecr elasticfilesystem elasticache dax mediatailor entityresolution finspace forecast fsx glue groundstation malware-protection healthlake iotsitewise kendra cassandra kinesis firehose kinesisvideo lambda lex license-manager geo lookoutequipment lookoutmetrics lookoutvision macie m2 managedblockchain kafka airflow memorydb monitron mq neptune nimble omics es aoss proton qldb redshift sqlworkbench redshift-serverless rekognition ards sagemaker secretsmanager securitylake ses sns sqs s3 importexport storagegateway ssm-incidents ssm-contacts timestream translate verified-access workmail workspaces thinclient workspaces-web xray'.split(
    ' ',
  ),
);

export const VIA_SERVICES: readonly string[] = [...VIA];
export const isViaService = (name: string): boolean => VIA.has(name);

/** Service principals that call with ARNs of a service of the same name. */
export const OWN_ARNS: readonly string[] =
  'backup cloudtrail cloudwatch dynamodb events lambda logs s3 secretsmanager sns sqs'.split(' ');
