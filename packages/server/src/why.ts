/** Why an action stands where it stands, asked of a data folder that no server holds. */
export { WhyError, whyOf } from "./inspector/data-folder-why.ts";
