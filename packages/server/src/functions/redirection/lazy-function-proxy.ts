import type { FunctionProxy, FunctionProxyOptions } from "./function-proxy.ts";

/** The proxy for functions, whose code (TLS, certificates) is loaded when the first function or connection needs it. */
export interface LazyFunctionProxy {
  open(): Promise<FunctionProxy>;
  /** What a process that is to use it finds in its environment; always the same. */
  variables(): Promise<Readonly<Record<string, string>>>;
}

/** Makes nothing yet. */
export function lazyFunctionProxy(options: () => FunctionProxyOptions): LazyFunctionProxy {
  let opening: Promise<FunctionProxy> | undefined;
  let variables: Promise<Readonly<Record<string, string>>> | undefined;
  const open = () => {
    opening ??= import("./function-proxy.ts").then(({ openFunctionProxy }) => openFunctionProxy(options()));
    return opening;
  };
  return {
    open,
    variables() {
      variables ??= open().then((proxy) => proxy.variables());
      return variables;
    },
  };
}
