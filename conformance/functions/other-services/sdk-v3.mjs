import { DynamoDB } from "@aws-sdk/client-dynamodb";

export const handler = async () => {
  try {
    return (await new DynamoDB().listTables()).TableNames;
  } catch (error) {
    return [error.name, error.message];
  }
};
