/** Account IDs. */
import { string } from './shape.ts';

/** The account of a new keyring by default. */
export const DEFAULT_ACCOUNT = '000000000000';

export const ACCOUNT_ID = '[0-9]{12}';
export const accountId = string({ min: 12, max: 12, pattern: ACCOUNT_ID });

const WHOLE = new RegExp(`^${ACCOUNT_ID}$`);
export const isAccountId = (text: string): boolean => WHOLE.test(text);
