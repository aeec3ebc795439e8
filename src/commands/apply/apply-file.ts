/**
 * Applying a file: the differences between it and the keyring become steps, which are executed in one transaction. They are
 * calls of the session's caller where the API has them. What the file does not mention is not changed.
 */
import type { Home } from '../../model/arn.ts';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { noMeter, type Meter } from '../../model/progress.ts';
import { visible } from '../../model/visible.ts';
import { readText } from '../../files/limited-read.ts';
import { findKey } from '../../keyring/kms-key.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import type { OperationUnit, OperationUnits } from '../../runtime/capabilities.ts';
import type { EventDeps } from '../command/local-command.ts';
import type { Seed, SeedKey } from './seed/document.ts';
import { readSeed, type ReadOptions, type ReadSeed } from './seed/read.ts';
import { planAccessKey } from './steps/access-keys.ts';
import { readGivenKey, withSlowMaterial, type GivenKey } from './steps/key-material.ts';
import { homeOf, planAlias, planKey } from './steps/keys.ts';
import { managedPolicies, type ManagedPolicies } from './steps/managed-policies.ts';
import { inOrder, planNewPrincipal, planPrincipal } from './steps/principals.ts';
import { skipped, type SeedChange, type SeedStep, type StepDeps } from './steps/step.ts';

/** What steps need: calls in one transaction, and events for changes that are not calls. */
export interface ApplyDeps extends OperationUnits, EventDeps {}

export interface ApplyOptions extends Omit<ReadOptions, 'name' | 'home'> {
  /** A seed whose managed policies the file may name too. */
  readonly managedPolicies?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface ApplyRun {
  readonly session: ApplyDeps;
  readonly options?: ApplyOptions | undefined;
  readonly meter?: Meter;
}

/** @returns the changes, made or, in a dry run, only tried */
export async function applyFile(
  keyring: Keyring,
  file: string,
  { session, options = {}, meter = noMeter }: ApplyRun,
): Promise<readonly SeedChange[]> {
  const settings = await keyring.transact(async (tx) => tx.settings);
  const { account = settings.account } = session.caller(settings.account);
  const home: Home = { account, region: session.region ?? settings.region };
  const { dryRun, managedPolicies: policyFile, ...reading } = options;
  const read = await readSeed(readText(file), { ...reading, name: file, home });
  const managed = managedPolicies([
    read.seed,
    ...(policyFile === undefined ? [] : [await policySeed(policyFile, home)]),
  ]);
  const given = await givenKeys(read.seed, { keyring, home, session });
  let current: SeedStep | undefined;
  const make = async (unit: OperationUnit): Promise<readonly SeedChange[]> => {
    const mark = unit.tx.mark();
    const deps = { unit, events: session, home, stack: read.stack, given, managed };
    const changes: SeedChange[] = [];
    const plans = [...plansOf(read, deps)];
    meter.expect(plans.length);
    for (const plan of plans) {
      meter.advance(1);
      for (const step of await plan()) {
        current = step;
        await step.run();
        const { Action, Resource, Detail } = step;
        changes.push({ Action, Resource: visible(Resource), Detail: visible(Detail) });
      }
      current = undefined;
    }
    if (dryRun) unit.tx.revert(mark);
    return changes;
  };
  try {
    return await session.allOrNothing(make);
  } catch (error) {
    throw current ? inStep(current, error) : error;
  }
}

function inStep({ Resource, Detail }: SeedStep, error: unknown): unknown {
  const step = `${Resource}, ${Detail}`;
  if (error instanceof KmsError) return new KmsError(error.code, `${step}: ${error.message}`);
  return error instanceof EnvironmentError ? new EnvironmentError(`${step}: ${error.message}`, error.hints) : error;
}

/** Of a file that has nothing but managed policies, since nothing else of it would be made. */
async function policySeed(file: string, home: Home): Promise<Seed> {
  const { ManagedPolicies, ...others } = (await readSeed(readText(file), { name: file, home })).seed;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new EnvironmentError(`${file}: only ManagedPolicies are read from it, not ${other}`);
  return { ManagedPolicies };
}

interface KeySource {
  readonly keyring: Keyring;
  readonly home: Home;
  readonly session: ApplyDeps;
}

async function givenKeys(
  { Keys = [] }: Seed,
  { keyring, home, session }: KeySource,
): Promise<ReadonlyMap<SeedKey, GivenKey>> {
  const existing = await keyring.transact(async (tx) => {
    const found = new Set<SeedKey>();
    for (const key of Keys) if (await findKey(tx, homeOf(key, home), key.KeyId)) found.add(key);
    return found;
  });
  const given = new Map<SeedKey, GivenKey>();
  for (const key of Keys) {
    const read = await readGivenKey(key);
    const isMade = !existing.has(key) && key.PrimaryRegion === undefined && key.Origin !== 'EXTERNAL';
    given.set(key, isMade ? await withSlowMaterial(read, session.random) : read);
  }
  return given;
}

interface PlanDeps extends StepDeps {
  readonly managed: ManagedPolicies;
  readonly given: ReadonlyMap<SeedKey, GivenKey>;
}

type Plan = () => Promise<readonly SeedStep[]>;

/** In this order, since policies and grants name principals, and aliases keys; each is made when those before it are done. */
function* plansOf({ seed, skipped: left }: ReadSeed, deps: PlanDeps): Generator<Plan> {
  const { Principals = [], AccessKeys = [], Keys = [], Aliases = [] } = seed;
  const principals = inOrder(Principals);
  const made = new Set<string>();
  for (const principal of principals) {
    yield async () => {
      const steps = await planNewPrincipal(principal, deps);
      if (steps.length > 0) made.add(principal.Arn);
      return steps;
    };
  }
  for (const principal of principals) {
    yield () => planPrincipal(principal, { ...deps, isNew: made.has(principal.Arn) });
  }
  for (const accessKey of AccessKeys) yield () => planAccessKey(accessKey, deps);
  const isReplica = ({ PrimaryRegion }: SeedKey): boolean => PrimaryRegion !== undefined;
  for (const key of [...Keys.filter((one) => !isReplica(one)), ...Keys.filter(isReplica)]) {
    yield () => planKey(key, { ...deps, given: deps.given.get(key)! });
  }
  for (const alias of Aliases) yield () => planAlias(alias, deps);
  yield async () => left.map(({ name, reason }) => skipped(name, reason));
}
