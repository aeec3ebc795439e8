/** Stands in for a module that a bundled library loads and does not need here. */
export default {};
