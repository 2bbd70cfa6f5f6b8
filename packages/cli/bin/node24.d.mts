export const NODE_MAJOR_MIN: number;
export const NODE_PACKAGE: string;
export function isNewEnough(version: string): boolean;
export function findNode24(folder: string): string | undefined;
export function notedPython(checkout: string): string | undefined;
export function runInstead(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): void;
