import type { ActionDeclaration } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { BUCKET, layGround, pipeline } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

/*
 * How big artifacts may be. The 5 GB of an S3 source are too many to try, so one server takes 1000 bytes; a server that
 * is told nothing takes `S3_SOURCE_BYTES_MAX`. The zip of 100,001 files is one.
 */

const server = await startPenstock({ sourceBytesMax: 1000 });
afterAll(server.stop);
const bigServer = await startPenstock();
afterAll(bigServer.stop);
await layGround(javascript(server), Buffer.alloc(1000));
await layGround(javascript(bigServer), zipOfEmptyFiles(100_001));
await javascript(bigServer).s3.createBucket({ Bucket: "deployed-to" });
const approval = {
  name: "Ask",
  actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
} as const;

const clients = [
  { name: "JavaScript", small: javascript(server), big: javascript(bigServer) },
  { name: "Python", small: boto3(server), big: boto3(bigServer) },
];

describe.each(clients)("Sizes of artifacts by $name", ({ name, small, big }) => {
  test("an S3 source of the most that is allowed is taken, and one byte more is refused", async () => {
    const pipelineName = `source-${name}`;
    await small.s3.putObject({ Bucket: BUCKET, Key: "source.zip", Body: Buffer.alloc(1000) });
    await small.codePipeline.createPipeline({ pipeline: pipeline(pipelineName, [approval]) });
    expect(await sourceOf(pipelineName)).toMatchObject({ status: "Succeeded" });
    await small.s3.putObject({ Bucket: BUCKET, Key: "source.zip", Body: Buffer.alloc(1001) });
    await small.codePipeline.startPipelineExecution({ name: pipelineName });
    expect(await sourceOf(pipelineName, 2)).toMatchObject({
      status: "Failed",
      errorDetails: {
        code: "ConfigurationError",
        message: `The source object source.zip in the bucket ${BUCKET} has 1001 bytes. An S3 source may have 1000.`,
      },
    });
  });

  test("an artifact of 100,001 files cannot be extracted", async () => {
    const ship: ActionDeclaration = {
      name: "Ship",
      actionTypeId: { category: "Deploy", owner: "AWS", provider: "S3", version: "1" },
      configuration: { BucketName: "deployed-to", Extract: "true" },
      inputArtifacts: [{ name: "SourceZip" }],
    };
    await big.codePipeline.createPipeline({ pipeline: pipeline(`files-${name}`, [ship]) });
    const { pipelineExecutionSummaries: [first] = [] } = await big.codePipeline.listPipelineExecutions({
      pipelineName: `files-${name}`,
    });
    await bigServer.settled(first?.pipelineExecutionId);
    const { stageStates = [] } = await big.codePipeline.getPipelineState({ name: `files-${name}` });
    expect(stageStates[1]?.actionStates?.[0]?.latestExecution?.errorDetails).toEqual({
      code: "ConfigurationError",
      message: "The input artifact cannot be extracted: it has 100001 files; at most 100000 are allowed",
    });
    expect((await big.s3.listObjectsV2({ Bucket: "deployed-to" })).KeyCount).toBe(0);
  });

  /** The source's latest execution, once it is over and is the one of this number. */
  async function sourceOf(pipelineName: string, number = 1) {
    for (;;) {
      const changed = server.changed();
      const { stageStates = [] } = await small.codePipeline.getPipelineState({ name: pipelineName });
      const { actionExecutionDetails = [] } = await small.codePipeline.listActionExecutions({ pipelineName });
      const latest = stageStates[0]?.actionStates?.[0]?.latestExecution;
      const isThere = actionExecutionDetails.filter(({ actionName }) => actionName === "Fetch").length === number;
      if (isThere && latest?.status !== "InProgress") return latest;
      await changed;
    }
  }
});

/** A zip of so many empty files: 46 bytes and a name each in the directory, 30 and a name before it. */
function zipOfEmptyFiles(count: number): Buffer {
  const names = Array.from({ length: count }, (_, index) => Buffer.from(String(index).padStart(6, "0")));
  const local = names.map((name) => {
    const header = Buffer.alloc(30 + name.length);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(20, 4);
    header.writeUInt16LE(name.length, 26);
    name.copy(header, 30);
    return header;
  });
  const directory = names.map((name, index) => {
    const entry = Buffer.alloc(46 + name.length);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 4);
    entry.writeUInt16LE(20, 6);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(index * 36, 42);
    name.copy(entry, 46);
    return entry;
  });
  return Buffer.concat([...local, ...directory, zip64End(count, count * 36, count * 52)]);
}

/** The end of a zip with more than 65,535 entries. */
function zip64End(count: number, directoryOffset: number, directoryBytes: number): Buffer {
  const end = Buffer.alloc(56 + 20 + 22);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(45, 12);
  end.writeUInt16LE(45, 14);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(directoryBytes), 40);
  end.writeBigUInt64LE(BigInt(directoryOffset), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 64);
  end.writeUInt32LE(1, 72);
  end.writeUInt32LE(0x06054b50, 76);
  end.fill(0xff, 84, 96);
  return end;
}
