/** Texts of custom key stores: CloudHSM key stores and external key stores. */
import { limit, MARKER } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const STORE = 'The ID of the custom key store.';
const CLUSTER = 'The ID of the CloudHSM cluster. CloudHSM key stores only.';
const PASSWORD = 'The password of the kmsuser crypto user in the CloudHSM cluster. CloudHSM key stores only.';
const ENDPOINT = 'The endpoint of the external key store proxy: https:// and a host name, without a port.';
const PATH = 'The path of the proxy API. It begins with a slash and ends with /kms/xks/v1.';
const CREDENTIAL =
  'The authentication credential of the proxy: AccessKeyId (20 to 30 characters) and RawSecretAccessKey (43 to 64 characters).';
const CONNECTIVITY = 'How to connect to the proxy: PUBLIC_ENDPOINT or VPC_ENDPOINT_SERVICE.';
const VPC_SERVICE = 'The name of the VPC endpoint service. VPC_ENDPOINT_SERVICE connectivity only.';
const VPC_OWNER = 'The account that owns the VPC endpoint service, 12 digits. Default: the account of the key store.';

const PROXY_ERRORS = [
  'XksProxyIncorrectAuthenticationCredentialException',
  'XksProxyInvalidConfigurationException',
  'XksProxyInvalidResponseException',
  'XksProxyUriEndpointInUseException',
  'XksProxyUriInUseException',
  'XksProxyUriUnreachableException',
  'XksProxyVpcEndpointServiceInUseException',
  'XksProxyVpcEndpointServiceInvalidConfigurationException',
  'XksProxyVpcEndpointServiceNotFoundException',
];

export const keyStores: CommandTexts = {
  CreateCustomKeyStore: {
    summary: 'Creates a custom key store',
    description: [
      'A custom key store is for KMS keys with key material in a CloudHSM cluster, or in an external key manager behind an external key store proxy. It must be connected before keys can be created in it.',
      'The PKCS#11 token of the cluster, and the host of the proxy, must have an entry of the operator: kms hsm add, kms xks add.',
    ],
    members: {
      CustomKeyStoreName: 'The friendly name of the key store, unique in the account and Region. Not secret.',
      CloudHsmClusterId: CLUSTER,
      TrustAnchorCertificate:
        'The trust anchor certificate of the cluster, the content of customerCA.crt. CloudHSM key stores only.',
      KeyStorePassword: PASSWORD,
      CustomKeyStoreType: 'AWS_CLOUDHSM or EXTERNAL_KEY_STORE. Default: AWS_CLOUDHSM.',
      XksProxyUriEndpoint: ENDPOINT,
      XksProxyUriPath: PATH,
      XksProxyVpcEndpointServiceName: VPC_SERVICE,
      XksProxyVpcEndpointServiceOwner: VPC_OWNER,
      XksProxyAuthenticationCredential: CREDENTIAL,
      XksProxyConnectivity: CONNECTIVITY,
    },
    errors: [
      'CloudHsmClusterInUseException',
      'CloudHsmClusterInvalidConfigurationException',
      'CloudHsmClusterNotActiveException',
      'CloudHsmClusterNotFoundException',
      'CustomKeyStoreNameInUseException',
      'IncorrectTrustAnchorException',
      'KMSInternalException',
      'LimitExceededException',
      ...PROXY_ERRORS,
    ],
    examples: [
      {
        title: 'Create a CloudHSM key store',
        lines: [
          'kms create-custom-key-store --custom-key-store-name example --cloud-hsm-cluster-id cluster-a2b3c4d5e6f \\',
          '    --key-store-password kmsPswd1 --trust-anchor-certificate file://customerCA.crt',
        ],
      },
      {
        title: 'Create an external key store',
        lines: [
          'kms create-custom-key-store --custom-key-store-name example \\',
          '    --custom-key-store-type EXTERNAL_KEY_STORE --xks-proxy-connectivity PUBLIC_ENDPOINT \\',
          '    --xks-proxy-uri-endpoint https://xks.example.com --xks-proxy-uri-path /kms/xks/v1 \\',
          '    --xks-proxy-authentication-credential file://credential.json',
        ],
      },
    ],
    seeAlso: ['ConnectCustomKeyStore', 'DescribeCustomKeyStores', 'CreateKey', 'HsmAdd', 'XksAdd'],
  },

  DescribeCustomKeyStores: {
    summary: 'Lists custom key stores and their connection states',
    description: ['Returns all custom key stores in the account and Region, or the specified one.'],
    members: {
      CustomKeyStoreId: 'List only the key store with this ID. Default: all key stores.',
      CustomKeyStoreName: 'List only the key store with this name. Default: all key stores.',
      Limit: limit(100, 1000),
      Marker: MARKER,
    },
    errors: ['CustomKeyStoreNotFoundException', 'InvalidMarkerException', 'KMSInternalException'],
    examples: [
      { title: 'Describe one key store', lines: ['kms describe-custom-key-stores --custom-key-store-name example'] },
    ],
    seeAlso: ['CreateCustomKeyStore', 'ConnectCustomKeyStore'],
  },

  UpdateCustomKeyStore: {
    summary: 'Changes a custom key store',
    description: [
      'Changes the name of the key store, or the connection settings of its cluster or proxy. Most changes require the key store to be disconnected; its name can be changed while it is connected, and so can the URI path and the credential of a proxy.',
    ],
    members: {
      CustomKeyStoreId: STORE,
      NewCustomKeyStoreName: 'The new name. Default: unchanged.',
      KeyStorePassword: `${PASSWORD} Default: unchanged.`,
      CloudHsmClusterId: `${CLUSTER} It must share a backup history with the current cluster. Default: unchanged.`,
      XksProxyUriEndpoint: `${ENDPOINT} Default: unchanged.`,
      XksProxyUriPath: `${PATH} Default: unchanged.`,
      XksProxyVpcEndpointServiceName: `${VPC_SERVICE} Default: unchanged.`,
      XksProxyVpcEndpointServiceOwner: 'The account that owns the VPC endpoint service, 12 digits. Default: unchanged.',
      XksProxyAuthenticationCredential: `${CREDENTIAL} Default: unchanged.`,
      XksProxyConnectivity: `${CONNECTIVITY} Default: unchanged.`,
    },
    errors: [
      'CloudHsmClusterInvalidConfigurationException',
      'CloudHsmClusterNotActiveException',
      'CloudHsmClusterNotFoundException',
      'CloudHsmClusterNotRelatedException',
      'CustomKeyStoreInvalidStateException',
      'CustomKeyStoreNameInUseException',
      'CustomKeyStoreNotFoundException',
      'KMSInternalException',
      ...PROXY_ERRORS,
    ],
    examples: [
      {
        title: 'Replace the credential of a proxy, which accepts both, while its keys are in use',
        lines: [
          'kms update-custom-key-store --custom-key-store-id cks-1234567890abcdef0 \\',
          '    --xks-proxy-authentication-credential file://credential.json',
        ],
      },
      {
        title: 'Rename a key store',
        lines: [
          'kms update-custom-key-store --custom-key-store-id cks-1234567890abcdef0 \\',
          '    --new-custom-key-store-name production',
        ],
      },
    ],
    seeAlso: ['DescribeCustomKeyStores', 'DisconnectCustomKeyStore'],
  },

  DeleteCustomKeyStore: {
    summary: 'Deletes a custom key store that is empty and disconnected',
    description: ['Does not affect the CloudHSM cluster or the external key manager.'],
    members: { CustomKeyStoreId: STORE },
    errors: [
      'CustomKeyStoreHasCMKsException',
      'CustomKeyStoreInvalidStateException',
      'CustomKeyStoreNotFoundException',
      'KMSInternalException',
    ],
    examples: [
      {
        title: 'Delete a key store',
        lines: ['kms delete-custom-key-store --custom-key-store-id cks-1234567890abcdef0'],
      },
    ],
    seeAlso: ['DisconnectCustomKeyStore', 'ScheduleKeyDeletion'],
  },

  ConnectCustomKeyStore: {
    summary: 'Connects a custom key store',
    description: [
      'Connects the key store to its CloudHSM cluster or its external key store proxy, and succeeds even if that fails: kms describe-custom-key-stores shows the connection state, which is CONNECTED or FAILED, with a connection error code. A key store that has failed must be disconnected before it is connected again.',
      'The password of kmsuser is changed to a random one that only the keyring has.',
      'What exactly has failed is shown by --debug, kms hsm status and kms xks status.',
    ],
    members: { CustomKeyStoreId: STORE },
    errors: [
      'CloudHsmClusterInvalidConfigurationException',
      'CloudHsmClusterNotActiveException',
      'CustomKeyStoreInvalidStateException',
      'CustomKeyStoreNotFoundException',
      'KMSInternalException',
    ],
    examples: [
      {
        title: 'Connect a key store',
        lines: ['kms connect-custom-key-store --custom-key-store-id cks-1234567890abcdef0'],
      },
    ],
    seeAlso: ['DisconnectCustomKeyStore', 'DescribeCustomKeyStores', 'HsmStatus', 'XksStatus'],
  },

  DisconnectCustomKeyStore: {
    summary: 'Disconnects a custom key store',
    description: [
      'Keys in the key store can still be managed, but cryptographic operations with them fail until it is connected again.',
    ],
    members: { CustomKeyStoreId: STORE },
    errors: ['CustomKeyStoreInvalidStateException', 'CustomKeyStoreNotFoundException', 'KMSInternalException'],
    examples: [
      {
        title: 'Disconnect a key store',
        lines: ['kms disconnect-custom-key-store --custom-key-store-id cks-1234567890abcdef0'],
      },
    ],
    seeAlso: ['ConnectCustomKeyStore', 'DeleteCustomKeyStore'],
  },
};
