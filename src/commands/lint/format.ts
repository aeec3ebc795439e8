/** `kms policy format`: the canonical form of a policy. */
import { EnvironmentError } from '../../model/error.ts';
import { fileName } from '../../model/members.ts';
import { boolean, structure } from '../../model/shape.ts';
import type { RandomSource } from '../../runtime/capabilities.ts';
import type { Output } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { STATUS } from './exit-status.ts';
import { readPolicyText, writeTo } from './policy-file.ts';

export const policyFormat = localCommand({
  name: 'PolicyFormat',
  command: 'policy format',
  input: structure({ File: fileName, Write: boolean, Check: boolean }),
  output: structure({}),
  positionals: ['File'],
  async run(
    { File: path = '-', Write: write = false, Check: check = false },
    session: RandomSource & Pick<Output, 'printData'>,
  ) {
    const { formatPolicy } = await import('../../lint/core/canonical.ts');
    const { policyProblems } = await import('../../policy/write-check.ts');
    const text = readPolicyText(path);
    const problems = policyProblems(text, { kind: 'resource' });
    const broken = problems.find(({ code }) => code === 'json-syntax' || code === 'duplicate-json-key');
    if (broken) throw new EnvironmentError(`${path}:${broken.place.line}:${broken.place.column}: ${broken.message}`);
    const formatted = formatPolicy(text);
    if (check) return { status: text === formatted ? STATUS.clean : STATUS.findings };
    if (write && path !== '-') await (await writeTo(path, session))(formatted);
    else session.printData(formatted.trimEnd());
    return { status: STATUS.clean };
  },
  failure: STATUS.failed,
  exit: ({ status }) => status,
});
