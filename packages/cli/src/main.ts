import { dispatch } from "./dispatch.ts";

/** A reader that closes early, such as `head`, ends the command; it is no failure. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exit(await dispatch(process.argv.slice(2)));
