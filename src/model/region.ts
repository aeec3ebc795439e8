/** Names of Regions: those that are accepted, and the form of AWS's own. */
import { string } from './shape.ts';

/** The Region of a new keyring by default. */
export const DEFAULT_REGION = 'us-east-1';

const LABEL = /^[a-zA-Z0-9-]{1,63}$/;
/** Any label of a host name, as in the AWS CLI: a Region is part of host names, ARNs and paths. */
export const isRegion = (text: string): boolean => LABEL.test(text);

/** API Reference, ReplicateKey and UpdatePrimaryRegion: the form of AWS's own Regions. */
const NAME = '^([a-z]+-){2,3}\\d+$';
const OWN = new RegExp(NAME);
export const regionName = string({ min: 1, max: 32, pattern: NAME, names: 'region' });
export const isRegionName = (text: string): boolean => OWN.test(text);
