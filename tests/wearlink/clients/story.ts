// The README's calls by the types that openapi-typescript made: story.js BASE KEY. Ends with 1 where one fails.
import createClient from "openapi-fetch";
import type { components, paths } from "./wearlink.js";

declare const process: { argv: string[]; exit(code: number): never };
type Status = components["schemas"]["JobStatusEnum"];
const [base, key] = process.argv.slice(2) as [string, string];
const server = createClient<paths>({ baseUrl: base, headers: { "X-WearLink-API-Key": key } });

function check(holds: boolean, what: unknown): asserts holds {
  if (!holds) {
    console.error(what);
    process.exit(1);
  }
}

const created = await server.POST("/api/v1/users", {
  body: { email: "typescript@example.com", time_zone: "Europe/Paris" },
});
check(created.data !== undefined && created.data.warnings.length === 0, created);
const user_id = created.data.id;

const token = await server.POST("/api/v1/users/{user_id}/token", { params: { path: { user_id } } });
check(token.data !== undefined, token);
const phone = createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${token.data.access_token}` } });

const at = "2026-04-23T06:30:00Z";
const sent = await phone.POST("/api/v1/sdk/users/{user_id}/sync", {
  params: { path: { user_id } },
  body: {
    provider: "apple",
    sdkVersion: "1.0.0",
    syncTimestamp: at,
    data: {
      records: [
        { type: "HKQuantityTypeIdentifierHeartRate", startDate: at, endDate: at, value: 72, unit: "count/min" },
      ],
    },
  },
});
check(sent.data !== undefined, sent);

const open: Status[] = ["queued", "running"];
const batch_id = sent.data.id;
let job = await server.GET("/api/v1/sdk/users/{user_id}/sync/{batch_id}", { params: { path: { user_id, batch_id } } });
while (job.data !== undefined && open.includes(job.data.status)) {
  await new Promise((go) => setTimeout(go, 200));
  job = await server.GET("/api/v1/sdk/users/{user_id}/sync/{batch_id}", { params: { path: { user_id, batch_id } } });
}
check(job.data?.status === "done" && job.data.inserted === 1, job);

const page = await server.GET("/api/v1/users/{user_id}/timeseries", {
  params: {
    path: { user_id },
    query: { start_time: "2026-04-23T00:00:00Z", end_time: "2026-04-24T00:00:00Z", types: "heart_rate" },
  },
});
check(page.data?.data[0]?.value === 72, page);
console.log("a reading of", page.data.data[0].value, page.data.data[0].unit);
