/** The files beside which every command line runs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const POLICY = '{"Version":"2012-10-17","Statement":[]}';

const FILES: { readonly [path: string]: string | Uint8Array } = {
  'pt.txt': 'hello world',
  'b64.txt': 'aGVsbG8=\n',
  'key.txt': 'k1',
  'key-newline.txt': 'k1\n',
  'crlf.txt': 'one\r\ntwo\rthree\n',
  'empty.txt': '',
  'two words.txt': 'spaced',
  'bin.dat': Uint8Array.of(0, 1, 2, 253, 254, 255),
  'bom.json': '\uFEFF{"KeyId":"k"}',
  'policy.json': POLICY,
  'tags.json': '[{"TagKey":"a","TagValue":"b"}]',
  'tags.txt': 'TagKey=a,TagValue=b\n',
  'context.json': '{"a":"b","c":"d"}',
  'context.txt': 'a=b,c=d\n',
  'keys.json': '["a","b"]',
  'encrypt.json': '{"KeyId":"k","Plaintext":"aGVsbG8=","EncryptionContext":{"a":"b"}}',
  'encrypt.yaml': 'KeyId: k\nPlaintext: aGVsbG8=\nEncryptionContext:\n  a: b\n',
  'list.yaml': '- 1\n- 2\n',
  'broken.json': '{"KeyId":',
  'umlaut.txt': 'grüße',
  'folder/inner.txt': 'inner',
};

export function layFiles(folder: string): void {
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
