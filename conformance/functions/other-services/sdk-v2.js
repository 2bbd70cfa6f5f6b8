const AWS = require("aws-sdk");

exports.handler = async () => {
  try {
    return (await new AWS.DynamoDB().listTables().promise()).TableNames;
  } catch (error) {
    return [error.code, error.message];
  }
};
