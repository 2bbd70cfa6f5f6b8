import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { expect, test } from "vitest";
import { javaTrustStore } from "./java-trust-store.ts";

const hasKeytool = spawnSync("keytool", ["-help"]).error === undefined;
const whenThereIsJava = test.skipIf(!hasKeytool); // without a JDK there is nobody to ask

whenThereIsJava("the JDK's own tool finds every certificate, by its fingerprint and the usual password", () => {
  const certificates = rootCertificates.slice(0, 3);
  const folder = mkdtempSync(join(tmpdir(), "penstock-java-"));
  const file = join(folder, "bundle.jks");
  try {
    writeFileSync(file, javaTrustStore(`a remark\n${certificates.join("\n")}\n`, Date.parse("2026-01-02T12:00:00Z")));
    const listed = execFileSync(
      "keytool",
      ["-list", "-keystore", file, "-storetype", "JKS", "-storepass", "changeit"],
      {
        encoding: "utf8",
        env: { ...process.env, LC_ALL: "C", JAVA_TOOL_OPTIONS: "" },
      },
    );
    expect(listed.match(/authority-\d+, Jan 2, 2026, trustedCertEntry/g)).toHaveLength(3);
    for (const pem of certificates) expect(listed).toContain(new X509Certificate(pem).fingerprint256);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
