/** The resource patterns of the statements that a decision considered. */
import type { ContextValues } from '../../policy/context-values.ts';
import type { Decision } from '../../policy/decision.ts';
import type { Glob } from '../../policy/glob.ts';
import { resourcePatterns } from '../../policy/statement.ts';

export const consideredPatterns = (considered: Decision['considered'], context: ContextValues): readonly Glob[] =>
  considered.flatMap((item) =>
    item.source === 'grant' ? [] : resourcePatterns(item.statement, item.policy.document, context),
  );
