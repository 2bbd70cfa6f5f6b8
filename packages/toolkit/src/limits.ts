/*
 * Limits and sizes. They stand in a file of their own, which imports nothing, because a bundler writes such numbers where
 * they are used, and a function carries no names for them.
 */

/** The most that a continuation token may have. Unit: UTF-16 code units. Source: API reference, PutJobSuccessResult. */
export const TOKEN_CHARACTERS_MAX = 2048;

/** The most that a summary and parts of a revision may have. Unit: UTF-16 code units. Source: the same. */
export const SUMMARY_CHARACTERS_MAX = 2048;
export const REVISION_CHARACTERS_MAX = 1500;
export const CHANGE_CHARACTERS_MAX = 100;

/** The most that a failure's message may have. Unit: UTF-16 code units. Source: API reference, FailureDetails. */
export const MESSAGE_CHARACTERS_MAX = 5000;

/** Of parameters that are refused, so much is shown. Unit: UTF-16 code units. */
export const SHOWN_CHARACTERS_MAX = 200;

/**
 * All output variables of an action together, names and values.
 *
 * Unit: bytes of UTF-8. Source: CodePipeline user guide, "Quotas".
 */
export const OUTPUT_VARIABLES_BYTES_MAX = 122_880;

/** The most that a state may have, so that a loop that only grows is noticed. Unit: bytes of JSON. Source: our choice. */
export const STATE_BYTES_MAX = 16 * 1024 * 1024;

/** Jobs that an environment remembers; Lambda tries again within minutes, and gives it one job at a time. */
export const JOBS_REMEMBERED_MAX = 50;

/** Errors of a chain of causes that are looked at. */
export const CAUSES_MAX = 8;

/** A report is worth more attempts than the SDK's three. */
export const ATTEMPTS_MAX = 6;

/**
 * A function in a private network without a way to CodePipeline would wait until its timeout. So it is told instead.
 * Unit: milliseconds. Source: our choice.
 */
export const CONNECT_MS_MAX = 3000;
export const ANSWER_MS_MAX = 10_000;

/** Credentials with less time left than this are renewed, so that a call that begins now can end. Unit: milliseconds. */
export const RENEW_BEFORE_MS = 60_000;

/** What credentials last when nothing says so. Unit: milliseconds. Source: reference, AWS's own workers. */
export const CREDENTIALS_MS = 15 * 60_000;

/** What is read of an object's end at first: the directory of most zips, and all of a small one. */
export const TAIL_BYTES = 256 * 1024;

/** How often one read is taken up again where its connection broke. */
export const RESUMES_MAX = 3;

/** Files that a message names. */
export const SHOWN_FILES_MAX = 10;

/** Below this many unpacked bytes an entry's ratio does not matter: logs and zeroes compress well. */
export const RATIO_FLOOR_BYTES = 8 * 1024 * 1024;

/** A directory is held in memory, so it may not be larger than this. */
export const DIRECTORY_BYTES_MAX = 128 * 1024 * 1024;

/** The longest end of a zip: its record, the locator of the wide form in front of it, and a comment of 65,535 bytes. */
export const END_BYTES_MAX = 22 + 20 + 0xffff;

/** What has up to this many bytes is packed and unpacked at once. */
export const AT_ONCE_BYTES_MAX = 1024 * 1024;

/** How long unpacking may keep the event loop before timers, such as the deadline's, have their turn. Unit: milliseconds. */
export const SLICE_MS_MAX = 10;

/** Files of a folder that is packed; more is taken for a mistake. Source: reference, "Quotas": files in an artifact. */
export const FILES_MAX = 100_000;

/**
 * Bytes of a part; two of them are held at most, one that fills and one that is sent. With 10,000 parts, the most that
 * S3 takes, an artifact has up to 80 GB.
 */
export const PART_BYTES = 8 * 1024 * 1024;
