/** Exit statuses of commands that check policies. */

/** No finding at or above the threshold; some; the linter could not run. */
export const STATUS = { clean: 0, findings: 1, failed: 2 } as const;
