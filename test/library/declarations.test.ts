/** The declarations of the package: programs compile against them, and they say of operations what the table says. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { root } from '../../scripts/root.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();

/** What the compiler says of a program. */
async function compiled(at: string, program: string): Promise<string> {
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024', 'esnext.array', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    typeRoots: [root('node_modules/@types')],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
  };
  writeFileSync(join(at, 'program.ts'), program);
  writeFileSync(join(at, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const tsc = [root('node_modules/typescript/bin/tsc'), '-p', at];
  return (await execa(process.execPath, tsc, { reject: false })).stdout;
}

test('a program compiles against what the package has, and no wrong one', async () => {
  const at = folder();
  const installed = join(at, 'node_modules/pocket-kms');
  mkdirSync(installed, { recursive: true });
  cpSync(root('package.json'), join(installed, 'package.json'));
  cpSync(root('dist/library'), join(installed, 'dist/library'), { recursive: true });
  writeFileSync(join(at, 'package.json'), '{ "type": "module" }');
  const program = `
    import { createKms, kmsClient, KmsException, type PocketKms } from 'pocket-kms';
    const kms: PocketKms = await createKms({ region: 'eu-west-1' });
    const { KeyMetadata } = await kms.createKey();
    const { CiphertextBlob } = await kms.encrypt({ KeyId: KeyMetadata?.KeyId ?? '', Plaintext: new Uint8Array() });
    const blob: Uint8Array | undefined = CiphertextBlob;
    const { Truncated } = await kms.call('ListKeys', { Limit: 1 }, { principal: 'arn:aws:iam::000000000000:user/A' });
    const truncated: boolean | undefined = Truncated;
    export { blob, truncated, kmsClient, KmsException };
  `;
  expect(await compiled(at, program)).toBe('');
  expect(await compiled(at, `${program}; kms.encrypt({ KeyId: '' });`)).toContain("Property 'Plaintext' is missing");
  expect(await compiled(at, `${program}; kms.call('Encypt');`)).toContain('\'"Encypt"\' is not assignable');
});

test('inputs and outputs are those of the table', async () => {
  const at = folder();
  const program = `
    import type * as table from ${JSON.stringify(root('src/operations/index.ts'))};
    import type * as declared from ${JSON.stringify(root('dist/library/operations.d.ts'))};
    type Exact<T> = T extends Uint8Array | Date ? T : T extends object ? { [K in keyof T]-?: [Exact<T[K]>, {} extends Pick<T, K> ? 'optional' : 'required'] } : T;
    type Same<A, B> = (<T>() => T extends Exact<A> ? 1 : 2) extends <T>() => T extends Exact<B> ? 1 : 2 ? true : false;
    type Name = table.OperationName;
    type Differing = {
      [N in Name]: [Same<table.InputOf<N>, declared.InputOf<N>>, Same<table.OutputOf<N>, declared.OutputOf<N>>] extends [true, true] ? never : N;
    }[Name];
    export const names: Same<Name, declared.OperationName> = true;
    export const none: [Differing] extends [never] ? true : Differing = true;
    export const notice: Same<table.InputOf<'Encrypt'>, declared.InputOf<'Decrypt'>> = false;
    export const optional: Same<{ a?: string }, { a: string }> = false;
  `;
  expect(await compiled(at, program)).toBe('');
});
