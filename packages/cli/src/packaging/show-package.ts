import { shown } from "../project/shown.ts";
import { byteSize } from "../screen/format.ts";
import type { Packaged } from "./package-function.ts";

/** What a person is told of a package, ending with the command that brings it to Lambda. */
export function packageLines(packaged: Packaged, forS3: boolean): readonly string[] {
  const { file, sizeBytes, unzippedBytes, fileCount, handler, runtime, codeSha256, environment, leftOut } = packaged;
  const files = `${fileCount} ${fileCount === 1 ? "file" : "files"}`;
  const rows = [
    ["handler", handler],
    ["runtime", runtime],
    ["CodeSha256", codeSha256],
    ...Object.entries(environment).map(([name, value]) => ["environment", `${name}=${value}`]),
    ...(leftOut.length > 0 ? [["left out", `${leftOut.join(", ")}: of the runtime, or of a layer`]] : []),
  ];
  return [
    `${shown(file)}  ${byteSize(sizeBytes)}, ${byteSize(unzippedBytes)} unzipped, ${files}`,
    ...rows.map(([name = "", value]) => `  ${name.padEnd(11)}  ${value}`),
    "",
    ...uploadLines(packaged, forS3),
  ];
}

function uploadLines({ functionName, file }: Packaged, forS3: boolean): readonly string[] {
  const update = `aws lambda update-function-code --function-name ${functionName}`;
  const name = shown(file);
  if (!forS3) return [`${update} --zip-file fileb://${name}`];
  const key = `${functionName}.zip`;
  return [`aws s3 cp ${name} s3://BUCKET/${key}`, `${update} --s3-bucket BUCKET --s3-key ${key}`];
}
