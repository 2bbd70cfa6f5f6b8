// Signs by hand and asks the URL that it is given: no SDK, and no idea where Penstock is.
import { createHash, createHmac } from "node:crypto";

const hash = (text) => createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

export const handler = async ({ url, region, service, target }) => {
  const { host, pathname } = new URL(url);
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  const body = target ? "{}" : "";
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const headers = {
    ...(target && { "content-type": "application/x-amz-json-1.1" }),
    host,
    "x-amz-content-sha256": hash(body),
    "x-amz-date": now,
    "x-amz-security-token": token,
    ...(target && { "x-amz-target": target }),
  };
  const names = Object.keys(headers).join(";"); // in their order
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = [target ? "POST" : "GET", pathname, "", lines.join(""), names, hash(body)].join("\n");
  const scope = [now.slice(0, 8), region, service, "aws4_request"];
  const key = scope.reduce(hmac, `AWS4${secret}`);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", now, scope.join("/"), hash(canonical)].join("\n")).toString("hex");
  const credential = `Credential=${id}/${scope.join("/")}`;
  headers.authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`;
  const response = await fetch(url, target ? { method: "POST", headers, body } : { headers });
  return `${response.status} ${await response.text()}`;
};
