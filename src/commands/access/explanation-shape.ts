/** The output shape of an explanation. */
import { boolean, integer, list, oneOf, string, structure } from '../../model/shape.ts';
import type { Explanation } from '../../analysis/explanation.ts';
import type { Remedy } from '../../analysis/remedies/remedy.ts';
import { ANSWERS, listed } from './answer-row.ts';

const placeShape = structure({ Path: string(), Line: integer(), Column: integer() });
const changesShape = list(
  structure({ Kind: string(), Text: string(), ConditionKey: string(), Command: string(), CallOptions: string() }),
);
export const explanationShape = {
  Answer: oneOf(ANSWERS),
  Principal: string(),
  Action: string(),
  Resource: string(),
  Outcome: string(),
  Reason: string(),
  Steps: list(
    structure({
      Id: string(),
      Title: string(),
      Summary: string(),
      Items: list(structure({ Id: string(), Name: string(), Applies: boolean, Text: string(), Place: placeShape })),
    }),
  ),
  OtherwiseIf: list(structure({ Changes: changesShape })),
  DecidedBy: list(string()),
  Remedies: list(structure({ Changes: changesShape })),
  AwsWouldSay: string(),
  Unproved: list(string()),
};

const shownRemedy = ({ changes }: Remedy) => ({
  Changes: changes.map(({ kind, text, key, command, callOptions }) => ({
    Kind: kind,
    Text: text,
    ConditionKey: key,
    Command: command,
    CallOptions: callOptions,
  })),
});

export const shown = ({
  answer,
  decision,
  reason,
  steps,
  remedies,
  counterfactuals,
  options,
  awsSays,
  unproved,
}: Explanation) => ({
  Answer: answer,
  Principal: decision.request.caller.arn,
  Action: decision.request.action,
  Resource: decision.request.resource.arn,
  Outcome: decision.outcome,
  Reason: reason,
  Steps: steps.map(({ id, title, summary, leaves }) => ({
    Id: id,
    Title: title,
    Summary: summary,
    Items: leaves.map(({ id, name, applies, text, place }) => ({
      Id: id,
      Name: name,
      Applies: applies,
      Text: text,
      ...(place ? { Place: { Path: place.path, Line: place.line, Column: place.column } } : {}),
    })),
  })),
  OtherwiseIf: counterfactuals.map(shownRemedy),
  DecidedBy: listed(options),
  Remedies: remedies.map(shownRemedy),
  AwsWouldSay: awsSays,
  Unproved: listed(unproved),
});

export type Shown = { readonly [K in keyof ReturnType<typeof shown>]?: ReturnType<typeof shown>[K] | undefined };
