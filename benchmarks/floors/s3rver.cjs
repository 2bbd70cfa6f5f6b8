// s3rver on a free port of loopback, told over IPC. Arguments: the folder that it was installed in, its data, a bucket.
const [, , installed, directory, bucket] = process.argv;
const S3rver = require(installed);
const options = { port: 0, address: "127.0.0.1", silent: true, directory, configureBuckets: [{ name: bucket }] };
new S3rver(options).run().then(({ port }) => process.on("message", () => process.send({ answer: { port } })));
process.once("disconnect", () => process.exit(0));
