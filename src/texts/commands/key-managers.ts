/** Texts of the operator's entries for key managers: CloudHSM clusters, hosts of external key store proxies. */
import type { CommandTexts } from '../command-text/command-text.ts';

const HOST = 'The host name in the endpoint of the proxy, such as xks.example.com.';
const CLUSTER = 'The ID of the cluster, such as cluster-a2b3c4d5e6f.';

export const keyManagers: CommandTexts = {
  HsmAdd: {
    summary: 'Adds a PKCS#11 token that stands for a CloudHSM cluster',
    description: [
      'A CloudHSM key store (kms create-custom-key-store) names a cluster by its ID. The entry says which PKCS#11 library is loaded and which token in it is used for this ID: the client library of AWS CloudHSM, or that of another HSM or of a software token. Callers cannot name a library: an entry is in the configuration folder of the user who runs kms or kms serve, and only this command writes it. Entries hold for keyrings that this user trusts (kms keyring trust).',
      'The library must be a regular file that only root and this user can write, as must its folders. This is verified again before it is loaded. The token must have a user whose password (PIN) is that of the key store. When the key store is connected, the password is changed to a random one that only the keyring has.',
      'Loading a library needs the optional package koffi. Settings of the library itself, such as the environment variable SOFTHSM2_CONF, must be set for each command that uses the key store.',
    ],
    members: {
      ClusterId: CLUSTER,
      Module: 'The PKCS#11 library: the absolute path of a shared object.',
      Token: 'The label of the token.',
      TrustAnchor:
        'The file of the trust anchor certificate of the cluster (customerCA.crt). Key stores must name the same certificate. Default: any certificate is accepted.',
      ModuleArguments:
        'The text that is given to C_Initialize (pReserved), for a library that requires one, such as NSS: configdir=sql:/path/of/database.',
      PinFormat:
        'How the PIN is made: PASSWORD, the password of the key store, or USER_AND_PASSWORD, kmsuser:PASSWORD. Default: USER_AND_PASSWORD for libcloudhsm_pkcs11.so, otherwise PASSWORD.',
      IvSource:
        'Where the initialization vector of AES-GCM comes from: CALLER, random bytes of the token that kms passes; TOKEN, which writes its own into a parameter of zeros; APPENDED, the token appends its own to the ciphertext. Default: TOKEN for libcloudhsm_pkcs11.so and libcknfast.so, APPENDED for libCryptoki2.so, otherwise CALLER.',
    },
    errors: [],
    examples: [
      {
        title: 'Use the client library of AWS CloudHSM',
        lines: [
          'kms hsm add cluster-a2b3c4d5e6f --module /opt/cloudhsm/lib/libcloudhsm_pkcs11.so --token hsm1 \\',
          '    --trust-anchor customerCA.crt',
        ],
      },
      {
        title: 'Use a software token for experiments',
        lines: [
          'softhsm2-util --init-token --free --label experiments --so-pin 12345678 --pin kmsPswd1',
          'kms hsm add cluster-a2b3c4d5e6f --module /usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so --token experiments',
        ],
      },
    ],
    seeAlso: ['HsmStatus', 'HsmList', 'HsmRemove', 'CreateCustomKeyStore'],
  },

  HsmList: {
    summary: 'Lists the entries for CloudHSM clusters',
    description: ['Returns the entries in the order of the cluster IDs. No library is loaded.'],
    members: {},
    errors: [],
    examples: [{ title: 'List the cluster IDs', lines: ["kms hsm list --query 'Clusters[].ClusterId'"] }],
    seeAlso: ['HsmAdd', 'HsmStatus', 'HsmRemove'],
  },

  HsmRemove: {
    summary: 'Removes the entry for a CloudHSM cluster',
    description: [
      'Key stores of the cluster can no longer be connected or used by this user. The token and its keys are not changed.',
    ],
    members: { ClusterId: CLUSTER },
    errors: [],
    examples: [{ title: 'Remove an entry', lines: ['kms hsm remove cluster-a2b3c4d5e6f'] }],
    seeAlso: ['HsmAdd', 'HsmList'],
  },

  HsmStatus: {
    summary: 'Shows whether the token of a CloudHSM cluster can be used',
    description: [
      'Loads the library, looks for the token, and returns who made it, its flags (CK_TOKEN_INFO) and whether it has the mechanisms that keys of key stores need, AES-GCM and the generation of AES keys. Status is READY, or the connection error code that a key store would get, with the problem. No password is needed, so keys are not counted and a wrong password is not found.',
      'Exits with status 1 if a token is not ready.',
    ],
    members: { ClusterId: `${CLUSTER} Default: all entries.` },
    errors: [],
    examples: [
      { title: 'Find out why a key store cannot be connected', lines: ['kms hsm status cluster-a2b3c4d5e6f'] },
    ],
    seeAlso: ['HsmAdd', 'HsmList', 'ConnectCustomKeyStore'],
  },

  XksAdd: {
    summary: 'Adds a host of an external key store proxy',
    description: [
      'An external key store (kms create-custom-key-store) names its proxy by an endpoint: https:// and a fully qualified host name, with port 443. The entry says where kms connects to instead, and which certificate authorities it trusts for the host. The request still names the host, and so must the certificate of the proxy.',
      'Without an entry, no command connects to a host: its name comes from a call, or from a keyring that others can have written. With an entry without --connect, it is connected to at the addresses that DNS returns for it. Without --ca, the certificate authorities are those that Node.js trusts (see its variables NODE_EXTRA_CA_CERTS and NODE_USE_SYSTEM_CA).',
      'With connectivity VPC_ENDPOINT_SERVICE the host stands for the private DNS name of a VPC endpoint service: of any, or of the one that the entry names.',
      'Entries hold for keyrings that this user trusts (kms keyring trust).',
      'An entry is in the configuration folder of the user who runs kms or kms serve, and only this command writes it. It applies to running servers from their next call.',
    ],
    members: {
      Host: HOST,
      Connect:
        'The address to connect to: an IP address or a host name, and a port after a colon. IPv6 addresses are in brackets. Default port: 443. Default: the addresses that DNS returns for the host.',
      Ca: 'The file with the certificates, in PEM, of the certificate authorities that are trusted for the host. They are copied into the entry. Default: those that Node.js trusts.',
      VpcEndpointServiceName:
        'The name of the VPC endpoint service whose private DNS name the host is. Key stores with this host must name it, and key stores that name it must have this host. Default: any service.',
    },
    errors: [],
    examples: [
      {
        title: 'Use a proxy on this machine',
        lines: ['kms xks add xks.example.com --connect 127.0.0.1:8443 --ca ca.pem'],
      },
      {
        title: 'Allow connections to a proxy at the addresses that DNS returns for it',
        lines: ['kms xks add xks.example.com'],
      },
    ],
    seeAlso: ['XksStatus', 'XksList', 'XksRemove', 'CreateCustomKeyStore'],
  },

  XksList: {
    summary: 'Lists the entries for hosts of external key store proxies',
    description: ['Returns the entries in the order of the host names. No connection is made.'],
    members: {},
    errors: [],
    examples: [{ title: 'List the host names', lines: ["kms xks list --query 'Hosts[].Host'"] }],
    seeAlso: ['XksAdd', 'XksStatus', 'XksRemove'],
  },

  XksRemove: {
    summary: 'Removes the entry for a host of an external key store proxy',
    description: ['No command connects to the host any more, and kms serve and the agent do not from their next call.'],
    members: { Host: HOST },
    errors: [],
    examples: [{ title: 'Remove an entry', lines: ['kms xks remove xks.example.com'] }],
    seeAlso: ['XksAdd', 'XksList'],
  },

  XksStatus: {
    summary: 'Shows whether the host of an external key store proxy can be connected to',
    description: [
      'Makes a TLS connection to the host as calls make it, and returns the version of TLS, the certificate of the proxy and the time that the connection took. Status is READY, or the connection error code that an external key store would get, with the problem. No request is sent: a URI path or a credential that the proxy does not accept is found by kms connect-custom-key-store, and --debug shows why it fails.',
      'Exits with status 1 if a host is not ready.',
    ],
    members: { Host: `${HOST} Default: all entries.` },
    errors: [],
    examples: [{ title: 'Find out why a proxy is not reached', lines: ['kms xks status xks.example.com'] }],
    seeAlso: ['XksAdd', 'XksList', 'ConnectCustomKeyStore'],
  },
};
