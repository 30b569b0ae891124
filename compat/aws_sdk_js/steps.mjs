// The loop's AWS side with the JavaScript SDK v3; one JSON line a step.
import {
  RedshiftClient, AuthorizeDataShareCommand, AssociateDataShareConsumerCommand,
  DescribeDataSharesCommand, DeauthorizeDataShareCommand, InvalidDataShareFault,
  UnsupportedOperationFault, CreateSnapshotScheduleCommand,
  paginateDescribeDataSharesForProducer,
} from "@aws-sdk/client-redshift";
import {
  RedshiftDataClient, ExecuteStatementCommand, DescribeStatementCommand,
  GetStatementResultCommand,
} from "@aws-sdk/client-redshift-data";
import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts";

const { endpoint, arn, consumerArn, producer, consumer } = JSON.parse(process.argv[2]);
const config = (key) => ({
  endpoint, region: "us-east-1", maxAttempts: 1,
  credentials: { accessKeyId: key.access_key_id, secretAccessKey: key.secret_access_key },
});
const say = (what, ok, said) => console.log(JSON.stringify({ what, ok: Boolean(ok), said: String(said ?? "") }));
const step = async (what, work, good) => {
  try {
    const answer = await work();
    say(what, good(answer), JSON.stringify(answer));
  } catch (error) {
    say(what, false, error);
  }
};
const refused = async (what, work, kind) => {
  try {
    await work();
    say(what, false, "not refused");
  } catch (error) {
    say(what, error instanceof kind, error);
  }
};

const redshift = new RedshiftClient(config(producer));
const other = new RedshiftClient(config(consumer));
const to = { DataShareArn: arn, ConsumerIdentifier: consumer.account_id };

await step("GetCallerIdentity", () => new STSClient(config(producer)).send(new GetCallerIdentityCommand({})),
  (a) => a.Account === producer.account_id);
await step("AuthorizeDataShare", () => redshift.send(new AuthorizeDataShareCommand({ ...to, AllowWrites: true })),
  (a) => a.DataShareAssociations[0].Status === "AUTHORIZED" && a.DataShareAssociations[0].CreatedDate instanceof Date);
await step("AssociateDataShareConsumer",
  () => other.send(new AssociateDataShareConsumerCommand({ DataShareArn: arn, ConsumerArn: consumerArn })),
  (a) => a.DataShareAssociations.some((e) => e.ConsumerIdentifier === consumerArn && e.Status === "ACTIVE"));
await step("DescribeDataShares", () => redshift.send(new DescribeDataSharesCommand({ DataShareArn: arn })),
  (a) => a.DataShares.length === 1 && a.DataShares[0].DataShareAssociations[0].Status === "ACTIVE");
await step("paginateDescribeDataSharesForProducer", async () => {
  let shares = 0;
  for await (const page of paginateDescribeDataSharesForProducer({ client: redshift, pageSize: 1 }, {})) {
    shares += page.DataShares.length;
  }
  return shares;
}, (count) => count >= 1);
await step("DeauthorizeDataShare", () => redshift.send(new DeauthorizeDataShareCommand(to)),
  (a) => a.DataShareAssociations[0].Status === "DEAUTHORIZED");
await refused("… a second time: InvalidDataShareFault", () => redshift.send(new DeauthorizeDataShareCommand(to)),
  InvalidDataShareFault);
await refused("UnsupportedOperationFault", () => redshift.send(new CreateSnapshotScheduleCommand({ScheduleIdentifier: "nightly"})),
  UnsupportedOperationFault);

const data = new RedshiftDataClient(config(producer));
await step("ExecuteStatement … GetStatementResult", async () => {
  const { Id } = await data.send(new ExecuteStatementCommand({
    WorkgroupName: "sales-wg", Database: "dev", Sql: "select :n::int + 1 as answer",
    Parameters: [{ name: "n", value: "41" }],
  }));
  let found;
  do {
    found = await data.send(new DescribeStatementCommand({ Id }));
  } while (!["FINISHED", "FAILED", "ABORTED"].includes(found.Status));
  if (found.Status !== "FINISHED") throw new Error(found.Error);
  return data.send(new GetStatementResultCommand({ Id }));
}, (a) => a.Records[0][0].longValue === 42);
