/** Certificates that openssl makes for a test: an authority, and what it has signed. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Identity {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

export interface Authority {
  readonly cert: string;
  /** @param days until it expires: -1 was yesterday */
  readonly sign: (host: string, days?: number) => Identity;
}

/** @param folder an empty one */
export function certificateAuthority(folder: string): Authority {
  const openssl = (line: string): void => void execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'pipe' });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const key = (name: string): string => `-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${name}.key`;
  openssl(`req -x509 ${key('ca')} -out ca.pem -subj /CN=Authority -days 2`);
  let serial = 0;
  return {
    cert: read('ca.pem'),
    sign(host, days = 2) {
      const name = `leaf-${++serial}`;
      writeFileSync(join(folder, `${name}.ext`), `subjectAltName=DNS:${host}\n`);
      openssl(`req ${key(name)} -out ${name}.csr -subj /CN=${host}`);
      const issuer = `-CA ca.pem -CAkey ca.key -set_serial ${serial}`;
      openssl(`x509 -req -in ${name}.csr ${issuer} -days ${days} -extfile ${name}.ext -out ${name}.pem`);
      return { key: read(`${name}.key`), cert: read(`${name}.pem`) };
    },
  };
}
